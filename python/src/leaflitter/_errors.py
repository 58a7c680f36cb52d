"""The one exception of this package."""


class LeafLitterError(RuntimeError):
    """The generator is missing, died, hung, or was asked for what it cannot do.

    The message is a sentence, with the generator's own last words where it had some.
    """
