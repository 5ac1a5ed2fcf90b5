from typing import Any
def explained(context: Any, sub: Any, sup: Any, value: Any) -> Any:
    return None
