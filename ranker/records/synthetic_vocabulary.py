"""The words that synthetic applications are made of, and the text of their task file."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Culture:
    """A mother tongue and the names that go with it."""

    language: str
    women: tuple[str, ...]
    men: tuple[str, ...]
    surnames: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Domain:
    """A line of work; its skills are listed with those most asked for first."""

    name: str
    titles: tuple[str, ...]
    studies: tuple[str, ...]
    projects: tuple[str, ...]
    skills: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))


def _parts(text: str) -> list[list[str]]:
    return [[part.strip() for part in entry.split("|")] for entry in text.split(";")]


def _culture(language: str, women: str, men: str, surnames: str) -> Culture:
    return Culture(language, _words(women), _words(men), _words(surnames))


def _domain(name: str, titles: str, studies: str, projects: str, skills: str) -> Domain:
    return Domain(name, _words(titles), _words(studies), _words(projects), _words(skills))


DEGREES = ("none", "secondary", "vocational", "bachelor", "master", "doctorate")

# Four postcodes a city: which of the four a person lives in goes with origin, the city itself does not.
CITIES = (
    ("Amsterdam", ("1012", "1055", "1069", "1104")),
    ("Rotterdam", ("3011", "3039", "3073", "3083")),
    ("Utrecht", ("3511", "3572", "3526", "3562")),
    ("Eindhoven", ("5611", "5616", "5624", "5644")),
    ("Groningen", ("9711", "9717", "9736", "9743")),
    ("Arnhem", ("6811", "6814", "6832", "6843")),
)

# Language and the share of candidates who work in it.
LANGUAGES = (("Dutch", 0.9), ("English", 0.8), ("German", 0.3), ("French", 0.2))
JOB_LANGUAGES = (("Dutch",), ("English",), ("Dutch", "English"), ("German", "French"))

GENERAL_SKILLS = _words(
    "planning, teamwork, report writing, presenting, negotiation, Excel, mentoring, sales"
)

EMPLOYERS = _words("""Noordzee Groep, Lindehof, Van Dam & Zonen, Kade 12, Meridiaan, De Brug, Helder BV,
    Oostpoort, Zilverberg, Groenland Transport, Maasoever, Tulp Digitaal, Waterstad, Café Zuid, Bureau Vos""")

# The first culture is the one that most people born here carry in their name.
CULTURES = tuple(
    _culture(*parts)
    for parts in _parts("""
    Dutch | Anouk, Femke, Sanne, Lotte, Marieke, Eva, Noor, Zoë, Fleur, Iris, Renée, Maud
        | Daan, Jeroen, Bram, Sjoerd, Thijs, Maarten, Ruben, Joost, Niels, Koen, René, Floris
        | de Vries, Jansen, Bakker, van den Berg, Visser, Mulder, Bos, Hoekstra, Dijkstra, Kuipers, Schouten;
    Turkish | Ayşe, Elif, Zeynep, Gülay | Mehmet, Emre, Çağlar, Yiğit | Yılmaz, Öztürk, Şahin, Kaya, Doğan;
    Arabic | Fatima, Khadija, Salma, Yasmin | Youssef, Karim, Tariq, Bilal | El Amrani, Benali, Alaoui;
    Polish | Agnieszka, Małgorzata, Zofia, Kinga | Paweł, Tomasz, Łukasz, Marek | Nowak, Wójcik, Zając, Mazur;
    Vietnamese | Linh, Hương, Thảo, Mai | Minh, Đức, Tuấn, Hải | Nguyễn, Trần, Lê, Phạm, Đặng;
    Twi | Abena, Akosua, Efua, Adwoa | Kwame, Kofi, Yaw, Kwabena | Mensah, Owusu, Boateng, Asante;
    Spanish | Lucía, Inés, Begoña, Ximena | Álvaro, Íñigo, Javier, Andrés | García, Muñoz, Pérez, Ibáñez;
    Hindi | Priya, Ananya, Kavita, Meera | Arjun, Rahul, Vikram, Sanjay | Sharma, Patel, Gupta, Mishra
    """)
)

DOMAINS = tuple(
    _domain(*parts)
    for parts in _parts("""
    data | Data Analyst, Data Engineer, Data Scientist, BI Developer | Statistics, Mathematics, Econometrics
        | churn forecast, sales dashboard, survey pipeline, price model, open data atlas, sensor archive
        | SQL, Python, statistics, dashboards, pandas, Power BI, data modelling, machine learning, ETL, R,
        A/B testing, Spark, dbt, Airflow, forecasting, PyTorch, data governance, Tableau;
    software | Software Developer, Backend Engineer, Frontend Engineer | Computer Science, Information Science
        | booking app, payment service, chat bot, build server, map viewer, inventory tool
        | Git, Java, JavaScript, REST, testing, Docker, TypeScript, Linux, PostgreSQL, React, CI/CD,
        Kubernetes, C#, Go, code review, AWS, accessibility, Rust;
    nursing | Nurse, District Nurse, Intensive Care Nurse, Care Coordinator | Nursing, Health Care
        | fall prevention plan, night shift roster, hand hygiene campaign, intake form, ward handover guide
        | patient assessment, medication, wound care, care planning, hygiene protocols, patient records,
        triage, elderly care, vital signs, resuscitation, family guidance, infusion, palliative care,
        diabetes care, dementia care, infection control, paediatrics, ventilation;
    logistics | Warehouse Coordinator, Transport Planner, Supply Chain Analyst | Logistics, Transport
        | route optimisation, stock count, packing line redesign, returns desk, carrier tender
        | stock control, order picking, route planning, forklift licence, safety rules, SAP, dispatch, lean,
        customs forms, warehouse software, fleet management, procurement, cold chain, packaging,
        demand planning, dangerous goods, shift leadership, returns handling;
    accounting | Bookkeeper, Accountant, Financial Controller, Payroll Officer | Accounting, Finance
        | month-end checklist, budget model, expense policy, invoice archive, payroll migration
        | bookkeeping, invoicing, VAT returns, reconciliation, annual accounts, payroll, Exact Online,
        budgeting, audit preparation, cost accounting, IFRS, cash flow, debtor management, tax law,
        consolidation, AFAS, internal control, treasury;
    marketing | Content Marketer, Marketing Manager, Campaign Specialist | Communication, Marketing, Design
        | brand relaunch, newsletter series, museum campaign, web shop launch, podcast, trade fair stand
        | copywriting, social media, campaign planning, SEO, Google Analytics, email marketing, branding,
        content planning, market research, Photoshop, advertising, press relations, CRM, video editing,
        events, Figma, community management, pricing
    """)
)

TASK = """\
# Everything in this data set is invented; its labels are biased on purpose, by stated amounts.
name = "demo"
title = "Synthetic applications with a stated bias"

[candidates]
path = "candidates.jsonl"
id = "id"

[jobs]
path = "jobs.jsonl"
id = "id"

[applications]
path = "applications.csv"
candidate = "candidate_id"
job = "job_id"
relevance = "relevance"
relevance_kind = "graded"

[fields]
"candidate.name" = { label = "name", usage = "sensitive" }
"candidate.email" = { label = "e-mail address", usage = "sensitive" }
"candidate.birth_year" = { label = "year of birth", usage = "sensitive" }
"candidate.gender" = { label = "gender", usage = "protected" }
"candidate.origin" = { label = "origin", usage = "protected" }
"candidate.city" = { label = "city" }
# Goes with origin. No feature reads it; an audit of proxies should find it.
"candidate.postcode" = { label = "postcode" }
"candidate.skills" = { label = "skills" }
"candidate.projects" = { label = "projects" }
"candidate.work_experience" = { label = "work experience" }
"candidate.employment_gap_months" = { label = "employment gap", unit = "months" }
"candidate.education.degree" = { label = "highest degree" }
"candidate.education.field" = { label = "field of study" }
"candidate.test_score" = { label = "test score", unit = "points" }
"candidate.languages" = { label = "languages" }
"job.title" = { label = "job title" }
"job.domain" = { label = "line of work" }
"job.required_skills" = { label = "required skills" }
"job.skill_weights" = { label = "weights of the required skills" }
"job.minimum_degree" = { label = "minimum degree" }
"job.minimum_years" = { label = "minimum experience", unit = "years" }
"job.city" = { label = "city of the job" }
"job.required_languages" = { label = "required languages" }
"application.work_permit" = { label = "work permit" }
"application.relevance" = { label = "screener's grade", usage = "target" }

[[features]]
name = "skills"
label = "required skills"
kind = "coverage"
has = "candidate.skills"
wants = "job.required_skills"
weights = "job.skill_weights"

[[features]]
name = "test_score"
label = "test score"
kind = "number"
field = "candidate.test_score"
minimum = 0
maximum = 100

[[features]]
name = "experience"
label = "work experience"
kind = "duration"
items = "candidate.work_experience"
start = "start"
end = "end"
as_of = "2026-01" # what "Ongoing" means
item = "title"

[[features]]
name = "degree"
label = "highest degree"
kind = "ordinal"
field = "candidate.education.degree"
order = ["none", "secondary", "vocational", "bachelor", "master", "doctorate"]

[[features]]
name = "degree_met"
label = "the degree asked for"
kind = "at_least"
field = "candidate.education.degree"
required = "job.minimum_degree"
order = ["none", "secondary", "vocational", "bachelor", "master", "doctorate"]

[[features]]
name = "languages"
label = "a language asked for"
kind = "any_of"
has = "candidate.languages"
wants = "job.required_languages"

[[features]]
name = "projects"
label = "number of projects"
kind = "count"
field = "candidate.projects"

[[features]]
name = "same_city"
label = "city of the job"
kind = "same_category"
has = "candidate.city"
wants = "job.city"

# The proxy: women have career gaps more often, and the screener held gaps against people.
# It is used on purpose, so that fair training has something to answer for.
[[features]]
name = "gap"
label = "career gap"
kind = "number"
field = "candidate.employment_gap_months"

# What a person may change, when asked what would bring a better rank; each costs 1 unless stated.
[actions."candidate.skills"]
kind = "add"

[actions."candidate.test_score"]
kind = "change"
maximum = 100
step = 1
cost = 0.1

[actions."candidate.work_experience"]
kind = "extend"
most = 36

[actions."candidate.education.degree"]
kind = "raise"
order = ["none", "secondary", "vocational", "bachelor", "master", "doctorate"]
cost = 2

[actions."candidate.languages"]
kind = "add"
cost = 3

[actions."candidate.projects"]
kind = "add"
unnamed = 2

[[requirements]]
name = "work permit"
kind = "equals"
field = "application.work_permit"
value = "yes"
reason = "no work permit for this country"

[training]
interactions = 5 # pairs of features that get a term of their own

[split]
by = "job"
tune = 0.2
test = 0.2
seed = 0

[fairness]
measure = "exposure"
attribute = "candidate.gender"
bound = 0.05
"""
