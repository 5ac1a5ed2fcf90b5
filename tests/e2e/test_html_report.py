"""The HTML report in a real Chromium: opened from a file, filtered, in both themes, without its script, by axe-core."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import CHROMIUM, Browser
from tests.unit.report.hostile import TEXTS, options, poisoned
from tests.unit.report.sample import DOWN, EMPTY, MISSING, REPORT, TREND
from zeues_contracts.findings import Report
from zeues_contracts.report import RenderOptions, render

pytestmark = [pytest.mark.chromium, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    one = Browser()
    yield one
    one.close()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _written(tmp_path_factory.mktemp("html") / "report.html", REPORT, RenderOptions(trend=TREND))


def _written(file: Path, report: Report, shown: RenderOptions) -> Path:
    file.write_text(render(report, "html", options=shown), "utf-8")
    return file


def _quiet(browser: Browser, file: Path) -> None:
    assert browser.errors == []
    assert browser.console == []
    assert [url.partition("#")[0] for url in browser.requests] == [file.as_uri()]


def _choose(browser: Browser, field: str, label: str) -> None:
    """Choose an entry of a filter as a person does: by what it says."""
    found = browser.run(
        f"""(() => {{
          const field = document.getElementById({field!r});
          const option = [...field.options].find(one => one.textContent.startsWith({label!r}));
          if (!option) return false;
          field.value = option.value;
          field.dispatchEvent(new Event('input', {{bubbles: true}}));
          return true;
        }})()"""
    )
    assert found, f"{field} has no {label}"


def _search(browser: Browser, text: str) -> None:
    browser.run(f"document.getElementById('q').value = {text!r}")
    browser.run("document.getElementById('q').dispatchEvent(new Event('input'))")


def _shown(browser: Browser) -> list[str]:
    rows: list[str] = browser.run(
        "[...document.querySelectorAll('.finding')].filter(one => !one.hidden)"
        ".map(one => one.querySelector('.rule').textContent)"
    )
    return rows


def test_it_filters_by_cause_level_operation_consumer_and_text(browser: Browser, page: Path) -> None:
    browser.media()
    browser.open(page)
    everything = ["ZC502", "ZC301", "ZC401", "ZC204", "ZC298", "ZC298", "ZC298", "ZC299"]
    assert _shown(browser) == everything
    for field, label, wanted in (
        ("cause", "drift", ["ZC204", "ZC298", "ZC298", "ZC298", "ZC299"]),
        ("level", "error", ["ZC502", "ZC301", "ZC401"]),
        ("operation", "POST /api/occupation/completar", ["ZC301", "ZC401"]),
        ("operation", "GET /api/things/150", ["ZC204"]),
        ("operation", "POST /api/occupation/pausar", ["ZC502"]),
        ("consumer", "floor-dashboard", ["ZC301"]),
    ):
        _choose(browser, field, label)
        assert _shown(browser) == wanted, (field, label)
        assert browser.run("document.getElementById('shown').textContent") == f"{len(wanted)} of 8 findings"
        browser.run("document.getElementById('reset').click()")
        assert _shown(browser) == everything
    _choose(browser, "cause", "drift")
    _choose(browser, "level", "warning")
    assert _shown(browser) == ["ZC204"]
    assert browser.run("document.querySelector('.group').hidden")
    _search(browser, "nothing like it")
    assert _shown(browser) == []
    assert browser.run("document.getElementById('nothing').offsetParent !== null")
    _quiet(browser, page)


def test_a_tile_filters_and_unfilters(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("document.querySelector('[data-pick=outage]').click()")
    assert _shown(browser) == ["ZC502"]
    assert browser.run("document.querySelector('[data-pick=outage]').getAttribute('aria-current')") == "true"
    browser.run("document.querySelector('[data-pick=outage]').click()")
    assert len(_shown(browser)) == 8


def test_text_is_searched_for_in_all_of_a_finding(browser: Browser, page: Path) -> None:
    browser.open(page)
    _search(browser, "TOO MANY conn")
    assert _shown(browser) == ["ZC502"]


def test_a_link_opens_its_finding_even_if_it_is_filtered_out(browser: Browser, page: Path) -> None:
    anchor = f"f-{MISSING.fingerprint}"
    browser.open(page, fragment=f"#{anchor}")
    assert browser.run(f"document.getElementById('{anchor}').open")
    browser.run(f"document.getElementById('{anchor}').open = false")
    _choose(browser, "cause", "drift")
    browser.run(f"document.querySelector('a[href=\"#{anchor}\"]').click()")
    browser.run("new Promise(done => setTimeout(done, 50))")
    assert browser.run(f"document.getElementById('{anchor}').open && !document.getElementById('{anchor}').hidden")
    _quiet(browser, page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_is_the_systems_until_it_is_changed(browser: Browser, page: Path, scheme: str) -> None:
    def brightness() -> float:
        colour: str = browser.run("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")) / 765

    browser.media(scheme=scheme)
    browser.open(page)
    browser.run("try { localStorage.clear() } catch (error) {}; delete document.documentElement.dataset.theme")
    bright = scheme == "light"
    assert (brightness() > 0.5) is bright
    browser.run("document.getElementById('theme').click()")
    assert (brightness() > 0.5) is not bright
    assert browser.run("document.getElementById('theme-word').textContent") == ("Dark" if bright else "Light")
    browser.run("document.getElementById('theme').click()")
    assert (brightness() > 0.5) is bright
    browser.run("try { localStorage.clear() } catch (error) {}")
    _quiet(browser, page)


def test_on_paper_it_is_dark_on_white_whatever_the_theme(browser: Browser, page: Path) -> None:
    browser.media(scheme="dark", kind="print")
    browser.open(page)
    browser.run("document.documentElement.dataset.theme = 'dark'")
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    colour: str = browser.run("getComputedStyle(document.body).color")
    assert sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")) < 200
    assert browser.run("getComputedStyle(document.querySelector('.filters')).display") == "none"
    browser.media()
    _quiet(browser, page)


def test_it_is_readable_without_its_script(browser: Browser, page: Path) -> None:
    browser.open(page, javascript=False)
    try:
        text: str = browser.run("document.body.innerText")
        assert "The request lacks fecha_operacion" in text
        assert browser.run("document.querySelectorAll('.finding').length") == 8
        # What needs the script is not shown, and a finding opens by itself.
        assert browser.run("[...document.querySelectorAll('.js-only')].every(one => one.offsetParent === null)")
        browser.run(f"document.querySelector('#f-{MISSING.fingerprint} > summary').click()")
        assert "send fecha_operacion, a date such as" in browser.run("document.body.innerText")
    finally:
        browser.send("Emulation.setScriptExecutionDisabled", value=False)
    _quiet(browser, page)


@pytest.mark.parametrize("name", [name for name in TEXTS if name not in ("long-words", "long-lines")])
def test_hostile_text_does_nothing_in_the_page(browser: Browser, tmp_path: Path, name: str) -> None:
    text = TEXTS[name]
    file = _written(tmp_path / "hostile.html", poisoned(text), options(text))
    browser.open(file)
    browser.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    browser.run("document.querySelector('#cause').dispatchEvent(new Event('input'))")
    assert browser.run("document.scripts.length") == 1
    assert browser.run("document.images.length") == 0
    assert browser.run("document.styleSheets.length") == 1
    assert browser.run("[...document.links].every(one => one.getAttribute('href').startsWith('#'))")
    # Nothing is wider than the window but what scrolls by itself.
    assert browser.run("document.documentElement.scrollWidth <= innerWidth"), "it widens the page"
    _quiet(browser, file)


def test_the_policy_lets_nothing_else_run_and_nothing_be_fetched(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run(
        """(() => {
          const script = document.createElement('script');
          script.textContent = 'window.injected = true';
          document.body.append(script);
          const image = document.createElement('img');
          image.src = 'http://127.0.0.1:9/x.png';
          document.body.append(image);
          document.body.insertAdjacentHTML('beforeend', '<p id="styled" style="position:fixed">x</p>');
        })()"""
    )
    assert browser.run("typeof window.injected") == "undefined"
    assert browser.run("getComputedStyle(document.getElementById('styled')).position") == "static"
    assert browser.run("fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'refused')") == "refused"
    assert any("Content Security Policy" in error for error in browser.errors)


def test_paper_has_what_is_shown_and_the_page_is_afterwards_as_it_was(browser: Browser, page: Path) -> None:
    browser.media()
    browser.open(page)
    browser.run(f"document.getElementById('f-{MISSING.fingerprint}').open = true")
    _choose(browser, "cause", "drift")
    opened = "[...document.querySelectorAll('.finding')].filter(one => one.open).length"
    seen = (
        "addEventListener('beforeprint', () => { window.while_printing = [...document.querySelectorAll('.finding')]"
        ".map(one => [one.hidden, one.open]); })"
    )
    browser.run(seen)
    assert browser.run(opened) == 1
    printed = base64.b64decode(browser.send("Page.printToPDF")["data"])
    assert printed.startswith(b"%PDF")
    states = [tuple(one) for one in browser.run("window.while_printing")]  # hidden, open
    assert states.count((False, True)) == len(_shown(browser)) == 5
    assert states.count((True, True)) == 1  # the one that was open before it was filtered out
    assert (False, False) not in states
    assert browser.run(opened) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["full", "empty", "down", "narrow"])
def test_axe_finds_no_fault(browser: Browser, tmp_path: Path, name: str, scheme: str) -> None:
    folder = os.environ.get("NODE_MODULES_FOR_TESTS")
    if not folder:
        pytest.skip("NODE_MODULES_FOR_TESTS does not say where axe-core is")
    axe = (Path(folder) / "axe-core" / "axe.min.js").read_text("utf-8")
    report = {"full": REPORT, "empty": EMPTY, "down": DOWN, "narrow": REPORT}[name]
    browser.media(scheme=scheme)
    browser.size(400 if name == "narrow" else 1280, 900)
    file = _written(tmp_path / "report.html", report, RenderOptions(trend=TREND))
    browser.open(file)
    browser.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    browser.send("Runtime.evaluate", expression=axe)
    found: list[dict[str, Any]] = browser.run(
        "axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map(one => "
        "({id: one.id, impact: one.impact, nodes: one.nodes.slice(0, 3).map(node => node.html.slice(0, 200))})))"
    )
    browser.size(1280, 900)
    assert found == []
    _quiet(browser, file)
