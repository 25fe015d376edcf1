"""The one kind of error that is meant for the person in front of the screen."""


class UserError(Exception):
    """One sentence that says what is wrong and what to do about it.

    The command line prints it without a traceback and ends with exit code 2; the window shows it.
    """
