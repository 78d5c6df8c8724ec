"""Where a text gives away who wrote it, by rules: addresses, numbers, pronouns and stated personal facts."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

__all__ = ["KINDS", "Found", "personal_words"]

Found = tuple[int, int, str]  # start, end, kind

NAME: Final = "name"
PRONOUN: Final = "pronoun"
TITLE: Final = "title"
FAMILY: Final = "family word"
FACT: Final = "personal fact"
EMAIL: Final = "e-mail"
PHONE: Final = "phone"
PROFILE: Final = "profile address"
STREET: Final = "street address"
KINDS: Final = (NAME, PRONOUN, TITLE, FAMILY, FACT, EMAIL, PHONE, PROFILE, STREET)

_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w.+%-]+(?:@|\s?[\[(]at[\])]\s?)[\w-]+(?:(?:\.|\s?[\[(]dot[\])]\s?)[\w-]+)+",
    re.IGNORECASE,
)
# Hosts whose paths name a person. Own sites are known only by the name in them, which is taken out as a name.
_PROFILE = re.compile(
    r"(?:https?://|(?<![\w.-]))(?:[\w-]+\.)?(?:linkedin|xing|github|gitlab|bitbucket|behance|"
    r"dribbble|facebook|instagram|twitter|medium|kaggle|researchgate|stackoverflow|orcid|hackerrank|leetcode|codepen|youtube|about)"
    r"\.(?:com|org|net|me)/[^\s<>\"')\],;|]*[^\s<>\"')\],;|.]",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w.,/-])(?:\+|00)?\(?\d(?:[ .-]?\(?\d|\)[ .-]?\d){6,20}(?![\w/]|[.,]\d)")
_NO_PHONE = re.compile(r"\d{1,3}(?: \d{3})* 000|\d{1,3}(?:\.\d{1,3}){3}")  # an amount, a host's number
_TELLS_PHONE = re.compile(
    r"(?:phone|mobile|cell|tel|telephone|contact|whatsapp|fax)\W*(?:no|number)?\W*$", re.IGNORECASE
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_COMMON_WAYS = (
    r"street|st\.?|avenue|ave\.?|road|rd\.?|lane|ln\.?|boulevard|blvd\.?|drive|dr\.|court|ct\.|place|pl\.|"
    r"square|sq\.|terrace|crescent|close|parkway|highway|nagar|marg|chowk"
)
_STREET = re.compile(
    # "12b Old Mill Road, Apt 4"; words between are capitalised, or "12 people on the road" would be one
    rf"(?<![\w.-])\d{{1,5}}[a-zA-Z]?,? (?:[NSEW]\.? )?(?:(?:[A-Z][\w'’-]*|\d+(?:st|nd|rd|th)) ){{1,4}}?"
    rf"(?i:{_COMMON_WAYS})(?!\w| [A-Z]\w*['’]s)"
    # "Hauptstraße 12", "Keizersgracht 4-b", "Rue de Rivoli 3", "Calle Mayor, 5", "Via Roma 7"
    r"|(?<![\w.-])(?:[A-Z][\w.-]{0,40}?(?:straße|strasse|str\.|weg|platz|allee|gasse|straat|gracht|laan|plein)"
    r"|(?:Rue|Avenue|Calle|Carrer|Avenida|Via|Viale|Piazza|Rua|Plaza|ul\.)"
    r"(?: (?:de|la|las|los|del|des|du|da|do|di|della))*"
    r"(?: [A-Z][\w'’-]*){1,3}),? \d{1,4}[a-zA-Z]?(?!\d)"
    r"|(?<!\w)P\.?\s?O\.?\s+Box\s+\d+",
)
# What may follow a street: a flat, a town, a state and the code that a town's letters are sorted by.
_REST = re.compile(
    r"(?:,? *(?:(?i:apt|apartment|flat|suite|unit|floor|fl)\.? *#? *\w+|# ?\w+))?"
    r"(?:, *[A-Z][a-z][\w.'’-]*(?: [A-Z][a-z][\w.'’-]*){0,2})?"
    r"(?:,? +[A-Z]{2} +\d{5}(?:-\d{4})?|,? +[A-Z]{1,2}\d[A-Z\d]? *\d[A-Z]{2}|,? +\d{4,6}(?: [A-Z]{2})?"
    r"(?: [A-Z][\w-]+)?)?(?!\w)"
)
_PRONOUN = re.compile(r"(?<!\w)(?:s/he|he|she|him|her|his|hers|himself|herself)(?![\w])", re.IGNORECASE)
# "Ms Office" and "Ms Excel" are programs.
_TITLE = re.compile(
    r"(?<!\w)(?:Mr|Mrs|Miss|Mx|Sir|Madam|"
    r"Ms(?!\.?\s+(?:Access|Azure|CIT|Dos|DOS|Dynamics|Excel|Exchange|Office|Outlook|Paint|Power|Project|SQL|"
    r"Sql|Teams|Visio|Visual|Windows|Word)))(?:\.|(?=\s+[A-Z]))"
)
_FAMILY = re.compile(
    r"(?<!\w)(?:(?:(?:my|an?|as\s+an?|proud|loving|devoted|single|married|working)\s+){1,2}"
    r"(?:father|mother|dad|mum|mom|husband|wife)(?:\s+of\s+\w+(?:\s+(?:children|kids|boys|girls|sons|daughters))?)?|"
    r"(?:father|mother|dad|mum|mom|husband|wife|widow|widower|son|daughter)\s+of\s+\w+"
    r"(?:\s+(?:young\s+|small\s+)?(?:children|kids|boys|girls|sons|daughters))?|"
    r"[sdw]/o(?=\s+[A-Z])|house-?wife|house-?husband|(?:maternity|paternity)(?:\s+leave)?|n[ée]e(?=\s+[A-Z])|"
    r"\d{2}[- ]years?[- ]old(?:\s+(?:male|female|man|woman))?|(?:un)?married\s+(?:male|female|man|woman))(?!\w)",
    re.IGNORECASE,
)
# As a clause or a line of its own: "Married.", "Divorced, two sons", not "married business needs with design".
_MARITAL = re.compile(
    r"(?:^|(?<=[,;.|•\t]))[ \t•*·\-–]{0,8}(?P<value>(?:un)?married|divorced|widowed)(?=[ \t]*(?:[,;.|•\t\r\n]|\Z))",
    re.IGNORECASE | re.MULTILINE,
)
_LABELS = (
    r"gender|sex|date\s+of\s+birth|birth\s?date|d\.?\s?o\.?\s?b\.?|age|marital\s+status|civil\s+status|nationality|"
    r"citizenship|religion|caste|ethnicity|race|place\s+of\s+birth|birthplace|pronouns|spouse|"
    r"passport(?:\s+(?:no\.?|number))?|pan(?:\s+(?:no\.?|number|card))?|"
    r"(?:father|mother|husband|spouse|guardian)[^\s:]{0,5}\s+name"  # apostrophes come in many shapes, broken ones too
)
_AT = r"(?:^|(?<=[|•*\t]))[ \t•*·\-–]{0,8}"  # where a stated fact begins: on its line, or behind a bullet
_VALUE = r"[ \t]*(?:[:=]|[-–—](?=[ \t]))[-–— \t]*(?P<value>(?:(?!\s\*\s)[^|•\n\r\t])+)"
_FACT = re.compile(rf"{_AT}(?:{_LABELS}){_VALUE}", re.IGNORECASE | re.MULTILINE)
_ADDRESS_LINE = re.compile(
    rf"{_AT}(?:(?:permanent|present|current|correspondence|postal|home|residential|mailing)\s+)?address{_VALUE}",
    re.IGNORECASE | re.MULTILINE,
)
_NAME_LINE = re.compile(
    rf"{_AT}(?:(?P<sure>full|first|given|last|family|middle|candidate(?:['’]?s)?|applicant(?:['’]?s)?)\s+name|"
    rf"(?P<sure2>surname|forename|name\s+of\s+(?:the\s+)?(?:candidate|applicant))|name){_VALUE}",
    re.IGNORECASE | re.MULTILINE,
)
HEAD = 10  # lines; a bare "Name:" below them may be a project's, unless a personal fact stands near
NEAR = 8  # lines


def personal_words(text: str) -> Iterator[Found]:
    """Find what tells of a person without knowing the name; stretches may overlap, none is empty.

    Parameters
    ----------
    text : str

    Yields
    ------
    start, end : int
        In characters.
    kind : str
        One of :data:`KINDS`.
    """
    for pattern, kind in ((_EMAIL, EMAIL), (_PROFILE, PROFILE), (_TITLE, TITLE), (_FAMILY, FAMILY)):
        yield from ((*found.span(), kind) for found in pattern.finditer(text))
    yield from _phones(text)
    for found in _STREET.finditer(text):
        rest = _REST.match(text, found.end())
        yield found.start(), rest.end() if rest else found.end(), STREET
    yield from ((*found.span(), PRONOUN) for found in _PRONOUN.finditer(text) if _is_pronoun(text, found))
    facts = list(_FACT.finditer(text))
    yield from ((*_value(found), FACT) for found in facts)
    yield from ((*_value(found), FACT) for found in _MARITAL.finditer(text))
    yield from ((*_value(found), STREET) for found in _ADDRESS_LINE.finditer(text))
    ends = [found.start() for found in re.finditer("\n", text)]
    fact_lines = [bisect_left(ends, found.start("value")) for found in facts]
    bare = 0
    for found in _NAME_LINE.finditer(text):
        line, sure = bisect_left(ends, found.start("value")), bool(found["sure"] or found["sure2"])
        after = bisect_left(fact_lines, line - NEAR)
        near = line < HEAD or (after < len(fact_lines) and fact_lines[after] <= line + NEAR)
        if (sure or (near and not bare)) and _is_like_a_name(found["value"]):
            bare += not sure  # who has stated the name does not state it again; a project's may follow
            yield (*_value(found), NAME)


def _value(found: re.Match[str]) -> tuple[int, int]:
    return found.start("value"), found.start("value") + len(found["value"].rstrip())


def _is_like_a_name(text: str) -> bool:
    return len(text.split()) <= 6 and not re.search(r"[\d@/:;()]", text)


def _phones(text: str) -> Iterator[Found]:
    """Find numbers of 9 to 15 digits, 7 where the text says that it is a phone; not spans of years."""
    for found in _NUMBER.finditer(text):
        number = found[0]
        n_digits = sum(map(str.isdigit, number))
        told = _TELLS_PHONE.search(text, max(0, found.start() - 24), found.start()) is not None
        if not (7 if told else 9) <= n_digits <= 15 or (len(_YEAR.findall(number)) > 1 and not told):
            continue
        if _NO_PHONE.fullmatch(number):
            continue
        if not told and number.isdigit() and n_digits not in (10, 11, 12):
            continue  # a bare row of digits of another length is a number of something
        yield (*found.span(), PHONE)


def _is_pronoun(text: str, found: re.Match[str]) -> bool:
    """Tell a pronoun from an abbreviation: HIS, HER, SHE and HE in capitals only in a line of capitals."""
    if not found[0].isupper():
        return True
    start = text.rfind("\n", 0, found.start()) + 1
    end = text.find("\n", found.end())
    line = text[start : end if end >= 0 else len(text)]
    return line.isupper() and len(line.split()) > 3
