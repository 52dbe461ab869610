"""Docstrings of all styles: Prefect reads each as a Google one."""


def google(a: int, b: str = "x", c=None):
    """Do it.

    Longer text: with a colon.

    Args:
        a: The first.
        b (str): The second,
            over two lines.
        c (Optional[int], optional): The third.

            After an empty line.

    Returns:
        Nothing: really.

    Raises:
        ValueError: if a: is wrong.
    """


def numpy(a: int, b: str = "x"):
    """Do it.

    Parameters
    ----------
    a : int
        The first.
    b : str, optional
        The second.

    Returns
    -------
    None
    """


def sphinx(a: int, b: str = "x"):
    """Do it.

    :param a: The first.
    :type a: int
    :param b: The second.
    :returns: nothing
    """


def epytext(a: int):
    """Do it.

    @param a: The first.
    """


def no_blank_line_above(a: int):
    """Do it.
    Args:
        a: The first.
    """


def blank_line_below(a: int):
    """Do it.

    Args:

        a: The first.
    """


def twice(a: int, b: int):
    """Do it.

    Args:
        a: The first.

    Parameters:
        b: The second.
    """


def other_names(a: int, b: int):
    """Do it.

    Keyword Args:
        a: The first.

    Params:
        b: The second.
        a: The first again.
    """


def confusing(a: int, b: int):
    """Do it.

    Args:
        a: The first
          indented by two
            by four
                by eight
        b: The second
       less
    """


def starred(*args, **kwargs):
    """Do it.

    Args:
        *args: The first.
        **kwargs: The second.
        args: without star
    """


def fenced(a: int):
    """Do it.

    ```
    Args:
        a: In a code block.
    ```

    Arguments:
        a: Outside.
    """


def admonition(a: int):
    """Do it.

    Note:
        Something: else.

        Args:
            a: inside.

    Args:
        a: Real. With `code` and é.
    """


def titled(a: int):
    """Do it.

    Args: what it takes
        a: The first.
    """


def capital(a: int):
    """
    ARGS:
      a  : spaced
    """


def tabs(a: int, b: int = 1):
    """Do it.

	Args:
		a: by tab
		b: second
    """


def empty_text(a: int, b: int):
    """
    Args:
        a:
        b:   
            next line
    """


def colonless(a: int, b: int):
    """
    Args:
        a
        b: The second.
        some words
            a: nested
    """


def first_line(a: int):
    """Args:
        a: The first."""


def unindented_below(a: int):
    """Do it.

    Args:
        a: The first.

    Args:
    nothing
        here
    """


def types(a: int, b: int, c: int):
    """Do it.

    Args:
        a (dict[str, int]): The first: really.
        b(int): no space
        c (int) : space
    """


def examples(a: int):
    """Do it.

    Examples:
        >>> x
        Args:
        a: no

    Args:
        a: yes
    """


def raw(a: int):
    r"""Do it.

    Args:
        a: back\slash
    """


def bytes_are_none(a: int):
    b"""Args:
        a: no
    """


def not_first(a: int):
    a = 1
    """Args:
        a: no
    """


def joined(a: int):
    ("Do it.\n\n"
     "Args:\n"
     "    a: joined")


def formatted(a: int):
    f"""Args:
        a: no
    """


def unknown_names(a: int):
    """
    Args:
        A: no
        a, b: no
        b: not there
    """
