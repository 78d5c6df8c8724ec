"""Which part of a line is a job's title: the part with a word that names what people do."""

import re

DOES_WORDS = (
    "accountant adjuster administrator advisor adviser agent analyst anesthetist apprentice architect artist"
    " assembler assistant associate attendant auditor author baker barista bartender biologist bookkeeper"
    " broker builder butcher buyer captain caregiver carer caretaker carpenter cashier chef chemist"
    " cleaner clerk coach consultant contractor controller cook coordinator copywriter counsel counsellor"
    " counselor courier curator dentist designer developer devops dietitian dietician director dispatcher"
    " doctor draftsman drafter driver economist editor electrician employee engineer estimator examiner executive"
    " expert facilitator farmer fellow fitter foreman founder freelancer gardener geologist guard guide hairdresser"
    " handyman head helper hostess inspector installer instructor intern interpreter investigator"
    " journalist judge laborer labourer lawyer lead leader lecturer librarian machinist maintainer manager"
    " mason mathematician mechanic mentor merchandiser messenger midwife modeler moderator musician nurse"
    " nutritionist officer operator optician optometrist organizer owner packer painter paralegal paramedic"
    " partner pharmacist photographer physician physicist physiotherapist picker pilot planner plumber porter"
    " postman practitioner president principal producer professor programmer promoter psychologist publisher"
    " realtor receptionist recruiter registrar reporter representative researcher reviewer roofer sailor"
    " salesperson scholar scientist scrum secretary seller servant shopkeeper singer soldier solicitor specialist"
    " statistician steward stocker strategist superintendent supervisor surgeon surveyor tailor"
    " teacher technician technologist teller tester therapist tiler tradesman trader trainee trainer translator"
    " treasurer tutor typist underwriter veterinarian vendor volunteer waiter waitress warden watchman"
    " welder worker writer zookeeper ceo cto cfo coo cio vp dba sdet qa"
)
DOES = frozenset(DOES_WORDS.split())
# Kept whole: "Vice President, Sales"; parted: "Data Analyst at Acme", "Acme | Data Analyst".
PARTS = re.compile(r"\t|\s+(?:\||[-–—•·@]|at)\s+|\s*[|•·;]\s*|,\s+")
EDGES = " \t,;:|.-–—•·@()[]"
LONGEST = 8  # words of a title


def names_work(text: str) -> bool:
    """Tell whether a text has a word that names what people do."""
    return any(_singular(word) in DOES for word in re.findall(r"\w+", text.casefold()))


def title_in(text: str) -> tuple[str, bool]:
    """Return the title in a line from which dates were taken out.

    Parameters
    ----------
    text : str
        Such as ``"Acme Ltd | Data Analyst, Berlin"``.

    Returns
    -------
    title : str
        The first part that names work, else the first part; ``""`` where there is none.
    sure : bool
        Whether it names work.
    """
    parts = [part.strip(EDGES) for part in PARTS.split(text)]
    parts = [part for part in parts if part and any(map(str.isalpha, part))]
    for part in parts:
        if names_work(part) and len(part.split()) <= LONGEST:
            return part, True
    return (parts[0], False) if parts and len(parts[0].split()) <= LONGEST else ("", False)


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and word[:-1] in DOES else word
