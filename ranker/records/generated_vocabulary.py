"""The words that generated résumés are made of, and the text of their task file."""

import re
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill, and other ways in which people write it.

    Parameters
    ----------
    name : str
        As the domain asks for it.
    short : tuple of str
        Abbreviations and other spellings.
    vendor : tuple of str
        Forms with the maker's name put in or left out.
    versions : tuple of str
        Versions that people add.
    context : tuple of str
        Words that people add without saying another skill.
    """

    name: str
    short: tuple[str, ...] = ()
    vendor: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    context: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GeneratedDomain:
    """A line of work; ``skills`` are the required ones, those most often held first."""

    name: str
    titles: tuple[str, ...]
    projects: tuple[str, ...]
    skills: tuple[Skill, ...] = field(repr=False)


_MARKS = {"=": "short", "^": "vendor", "@": "versions", "+": "context"}


def _words(text: str) -> tuple[str, ...]:
    return tuple(" ".join(word.split()) for word in text.split(","))


def _skill(text: str) -> Skill:
    """Read ``PyTorch @2.1 +DL``: the name, then its other forms, each behind a mark of its kind."""
    name, *forms = re.split(r"\s(?=[=^@+])", text)
    kinds: dict[str, tuple[str, ...]] = {}
    for form in forms:
        kind = _MARKS[form[0]]
        kinds[kind] = (*kinds.get(kind, ()), form[1:])
    return Skill(name, **kinds)


def _domain(name: str, titles: str, projects: str, skills: str) -> GeneratedDomain:
    return GeneratedDomain(name, _words(titles), _words(projects), tuple(map(_skill, _words(skills))))


# Projects are written as a good cleaning leaves them: in lower case, without the words that say
# nothing. Some name a skill of their domain, so that a project can be evidence for one.
DOMAINS = (
    _domain(
        "Data Science",
        "Data Scientist, Data Analyst, Machine Learning Engineer, Statistician, Quantitative Researcher",
        """image classification cnn, churn forecast python, stock price forecast lstm, sentiment analysis nlp,
        image synthesis gan, fraud detection, sales dashboard tableau, text generation rnn, movie recommendations,
        customer segments pandas, traffic signs computer vision, survey analysis r, clickstream pipeline spark""",
        """Python @3 @3.11 +programming, SQL +database mgmt +queries, statistics +theory, machine learning =ML,
        pandas @2.1, NumPy @1.26, scikit-learn =sklearn, data visualisation =data visualization =data viz,
        deep learning =DL, TensorFlow ^Google TensorFlow @2, PyTorch @2.1 +DL,
        natural language processing =NLP, computer vision, feature engineering, Tableau ^Tableau Desktop,
        A/B testing =AB testing, Spark ^Apache Spark @3.5, R +programming""",
    ),
    _domain(
        "Software Engineering",
        "Software Engineer, Backend Developer, Software Architect, Systems Programmer, Java Developer",
        """payment service java, chess engine, compiler rust, inventory system, ticket booking spring boot,
        thread pool c, log parser go, memory allocator, text editor, banking simulator, search index""",
        """Java ^Oracle Java @17 @21 +development, Git +version control, algorithms, data structures,
        unit testing =unit tests, object-oriented programming =OOP, SQL, design patterns, C++ @17 @20,
        Linux +administration, code review =code reviews, C# ^Microsoft C# @12, Spring Boot @3, C, Go =Golang,
        Rust""",
    ),
    _domain(
        "Web Development",
        "Frontend Developer, Web Developer, Full Stack Developer, UI Engineer, WordPress Developer",
        """recipe site react, chat application, portfolio site, web shop, museum map javascript,
        booking calendar typescript, blog engine, weather widget graphql, form validation, quiz generator""",
        """HTML @5, CSS @3, JavaScript =JS @ES6 +programming, Git, React =ReactJS =React.js @18,
        Node.js =NodeJS @20, TypeScript =TS @5, REST APIs =RESTful APIs, responsive design,
        PostgreSQL =Postgres @15, web accessibility =a11y, Vue.js =Vue @3, GraphQL, PHP @8""",
    ),
    _domain(
        "Cloud Operations",
        """DevOps Engineer, Site Reliability Engineer, Cloud Engineer, Systems Administrator,
        Platform Engineer""",
        """kubernetes cluster migration, release pipeline jenkins, cost report aws, log collection, server
        hardening, terraform modules, backup rotation bash, load balancer setup, alert rules prometheus""",
        """Linux +administration, Amazon Web Services =AWS, Docker +containers, Kubernetes =k8s,
        continuous integration =CI, Bash +scripting, Terraform ^HashiCorp Terraform, Git, networking, Python,
        Ansible ^Red Hat Ansible, Azure ^Microsoft Azure, Jenkins, Google Cloud Platform =GCP,
        Prometheus, incident response""",
    ),
    _domain(
        "Information Security",
        """Security Analyst, Penetration Tester, Security Consultant, Incident Responder,
        Cryptography Engineer""",
        """phishing simulation, firewall audit, password manager, honeypot logs, malware sandbox, network scanner
        python, vulnerability report, tls proxy, access review, wireshark traffic study""",
        """network security =netsec, vulnerability assessment, penetration testing =pen testing =pentesting,
        firewalls, risk assessment, incident response, cryptography, Wireshark, threat modelling =threat modeling,
        security auditing, identity management, malware analysis, intrusion detection, Metasploit, Linux,
        ISO 27001""",
    ),
    _domain(
        "Mobile Development",
        "Android Developer, Mobile Developer, Flutter Developer, App Designer, Mobile Test Engineer",
        """fitness tracker kotlin, expense tracker swift, bus times flutter, language cards react native,
        photo diary, offline notes sqlite, parcel scanner, pill reminder, push messages firebase, hiking map""",
        """Kotlin @2 +development, Android ^Google Android @14 +development, Swift ^Apple Swift @5.9,
        iOS ^Apple iOS @17 +development, REST APIs, Git, Firebase ^Google Firebase, mobile interface design,
        Flutter ^Google Flutter @3, React Native, SQLite @3, unit testing, push notifications,
        app store publishing""",
    ),
    _domain(
        "Nursing",
        "Registered Nurse, District Nurse, Intensive Care Nurse, Nurse Practitioner, Care Coordinator",
        """fall prevention plan, night shift roster, hand hygiene campaign, patient intake form, ward handover
        guide, wound care leaflet, triage checklist, medication safety audit, dementia garden, discharge letters""",
        """patient assessment, medication administration =med administration, wound care, vital signs,
        infection control, care planning, patient education, electronic health records =EHR, triage,
        cardiopulmonary resuscitation =CPR, intravenous therapy =IV therapy, clinical documentation,
        elderly care, dementia care, palliative care, phlebotomy, paediatric care =pediatric care""",
    ),
    _domain(
        "Supply Chain",
        "Supply Chain Analyst, Warehouse Manager, Transport Planner, Buyer, Logistics Coordinator",
        """warehouse layout, route optimisation, stock count excel, returns desk, carrier tender, packing line
        redesign, supplier scorecard, cold chain sensors, demand forecast, pallet tracking sap""",
        """inventory management, procurement, demand planning, Excel ^Microsoft Excel =MS Excel @2019,
        warehouse management, route planning, SAP, supplier negotiation, quality control =QC,
        order fulfilment =order fulfillment, freight forwarding, customs clearance, lean management,
        forklift operation, cold chain logistics""",
    ),
    _domain(
        "Accounting",
        "Accountant, Bookkeeper, Payroll Officer, Internal Auditor, Financial Controller",
        """month end checklist, budget model excel, expense policy, invoice archive, payroll migration,
        audit trail, ledger tidying, cash flow report, tax calendar, fixed asset register""",
        """bookkeeping, Excel, financial reporting, accounts payable, accounts receivable, payroll,
        budgeting, reconciliation, tax returns, value added tax =VAT, cost accounting, auditing, cash flow planning,
        QuickBooks ^Intuit QuickBooks, SAP, internal controls""",
    ),
    _domain(
        "Marketing and Sales",
        """Marketing Manager, Content Writer, Sales Representative, Campaign Manager, Brand Strategist,
        Account Executive""",
        """newsletter series, product launch, museum campaign, trade fair stand, podcast, keyword study seo,
        customer survey, price list, brand relaunch, referral scheme, landing pages""",
        """sales, marketing, copywriting, social media, search engine optimisation =SEO =search engine optimization,
        customer relationship management =CRM, email marketing =e-mail marketing, market research, negotiation,
        Google Analytics @4, campaign planning, lead generation, brand strategy,
        Photoshop ^Adobe Photoshop =PS, video editing, Salesforce, public relations =PR""",
    ),
)

# Skills that no domain asks for and none is another name of; some look like one.
NOVELTIES = _words("""Fortran, COBOL, Scala, Perl, MATLAB, AutoCAD, SolidWorks, Blender, LabVIEW, Haskell, CoffeeScript,
    pottery, beekeeping, calligraphy, horse riding, chess, carpentry, welding, gardening, cooking, choir singing,
    piano, yoga, photography, bartending, translation, sign language, scuba diving, French, German, Polish, Javanese,
    child care, tour guiding, storytelling, furniture repair, sewing, theatre, swimming, bird watching""")

SENIORITY = ("Senior", "Sr.", "Junior", "Jr.", "Lead", "Principal", "Trainee")
GRADES = ("II", "III", "I")

TASK = """\
# Everything in this data set is invented. What is true of each person stands in truth/, which
# nothing here reads.
name = "resumes"
title = "Generated résumés, each judged for the domain it prefers"

[resumes]
path = "resumes.jsonl"
domains = "domains.json"
labels = "{labels}" # "resumes": each one's own key "label"; "rules": the thresholds below

[labels]
fit_ratio = 0.70
fit_score = 0.75
min_projects = 1
partial_ratio = 0.40
partial_score = 0.50

[split]
tune = 0.15
test = 0.15
seed = 42
"""
