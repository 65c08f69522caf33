"""The error whose text is meant for the person at the screen."""


class UserError(ValueError):
    """What was asked for cannot be done; the text is one sentence that says why.

    Subclasses say what cannot be used (a data set, a checkpoint...), for callers that tell them
    apart.
    """
