"""What the files are called that tell of the accounts beside a grant's returns."""

PAGE = "avstamning.html"
"""For the controller, in the folder of the grant's reports."""


def list_name(board_id: str) -> str:
    """The list that a board goes through, in the folder of the boards."""
    return f"{board_id}-avstamning.xlsx"
