"""What is generally known of skill texts: abbreviations, makers, levels, words that add nothing.

A user's own vocabulary comes first: what it names as a skill of its own, or as another name of one,
is never read through these lists.
"""

from ranker.resume.cleaning.words import listed

# One name for several spellings of a whole skill. Where the vocabulary holds exactly one skill of a row,
# the others lead to it.
SAME = (
    ("machine learning", "ml"),
    ("deep learning", "dl"),
    ("artificial intelligence", "ai"),
    ("natural language processing", "nlp"),
    ("computer vision", "cv"),
    ("reinforcement learning", "rl"),
    ("large language models", "llm", "llms"),
    ("generative adversarial network", "gan"),
    ("convolutional neural network", "cnn", "convnet"),
    ("recurrent neural network", "rnn"),
    ("long short term memory", "lstm"),
    ("neural networks", "nn", "neural nets"),
    ("support vector machine", "svm"),
    ("principal component analysis", "pca"),
    ("data visualization", "data visualisation", "data viz", "dataviz"),
    ("exploratory data analysis", "eda"),
    ("statistics", "stats", "statistical analysis"),
    ("scikit-learn", "sklearn", "scikit"),
    ("tensorflow", "tf"),
    ("javascript", "js", "ecmascript", "es6", "vanilla js"),
    ("typescript", "ts"),
    ("python", "py"),
    ("c++", "cpp", "c plus plus", "cplusplus"),
    ("c#", "csharp", "c sharp"),
    ("go", "golang", "go lang"),
    ("r", "rlang", "r lang", "gnu r"),
    ("ruby on rails", "rails", "ror"),
    ("visual basic for applications", "vba"),
    (".net", "dotnet", "dot net"),
    ("asp.net", "asp dot net"),
    ("node.js", "node", "nodejs"),
    ("react", "reactjs", "react.js"),
    ("vue", "vuejs", "vue.js"),
    ("angular", "angularjs", "angular.js"),
    ("express", "expressjs", "express.js"),
    ("next.js", "nextjs"),
    ("three.js", "threejs"),
    ("d3", "d3.js", "d3js"),
    ("jquery", "j query"),
    ("html", "hypertext markup language"),
    ("css", "cascading style sheets"),
    ("xml", "extensible markup language"),
    ("json", "javascript object notation"),
    ("sql", "structured query language"),
    ("nosql", "no sql"),
    ("postgresql", "postgres", "postgre", "pgsql", "psql"),
    ("mongodb", "mongo"),
    ("sql server", "mssql", "ms sql", "microsoft sql server"),
    ("elasticsearch", "elastic search"),
    ("database management", "dbms"),
    ("relational database management system", "rdbms"),
    ("amazon web services", "aws"),
    ("google cloud platform", "gcp", "google cloud"),
    ("azure", "microsoft azure", "ms azure"),
    ("kubernetes", "k8s", "kube"),
    ("infrastructure as code", "iac"),
    ("continuous integration", "ci"),
    ("continuous delivery", "cd", "continuous deployment"),
    (
        "ci/cd",
        "continuous integration and continuous delivery",
        "continuous integration continuous deployment",
    ),
    ("operating systems", "os"),
    ("bash", "bash shell", "shell scripting", "shell"),
    ("linux", "gnu linux"),
    ("git", "git version control", "gitscm"),
    ("version control", "vcs", "source control"),
    ("object oriented programming", "oop", "oops", "object orientation"),
    ("test driven development", "tdd"),
    ("behavior driven development", "bdd", "behaviour driven development"),
    ("rest api", "restful api", "rest", "restful", "rest services", "restful services"),
    ("api", "application programming interface"),
    ("graphql", "graph ql", "gql"),
    ("remote procedure calls", "rpc"),
    ("internet of things", "iot"),
    ("augmented reality", "ar"),
    ("virtual reality", "vr"),
    ("user interface design", "ui design", "ui"),
    ("user experience design", "ux design", "ux"),
    ("user research", "ux research"),
    ("quality assurance", "qa"),
    ("quality control", "qc"),
    ("extract transform load", "etl"),
    ("business intelligence", "bi"),
    ("power bi", "powerbi", "pbi"),
    ("business analysis", "ba"),
    ("key performance indicators", "kpi"),
    ("return on investment", "roi"),
    ("excel", "microsoft excel", "ms excel", "excel spreadsheets"),
    ("microsoft office", "ms office", "office suite", "microsoft office suite"),
    ("powerpoint", "ppt", "microsoft powerpoint"),
    ("search engine optimization", "seo", "search engine optimisation"),
    ("search engine marketing", "sem"),
    ("pay per click", "ppc", "pay per click advertising"),
    ("conversion rate optimization", "cro", "conversion rate optimisation"),
    ("customer relationship management", "crm"),
    ("content management system", "cms"),
    ("enterprise resource planning", "erp"),
    ("supply chain management", "scm"),
    ("social media marketing", "smm"),
    ("public relations", "pr"),
    ("business to business", "b2b"),
    ("business to consumer", "b2c"),
    ("human resources", "hr"),
    ("financial planning and analysis", "fpa", "fp&a"),
    ("generally accepted accounting principles", "gaap"),
    ("international financial reporting standards", "ifrs"),
    ("value added tax", "vat"),
    ("mergers and acquisitions", "m&a"),
    ("discounted cash flow", "dcf"),
    ("profit and loss", "p&l"),
    ("accounts payable", "ap"),
    ("accounts receivable", "ar"),
    ("anti money laundering", "aml"),
    ("know your customer", "kyc"),
    ("computer aided design", "cad"),
    ("computer aided manufacturing", "cam"),
    ("computer numerical control", "cnc"),
    ("finite element analysis", "fea"),
    ("computational fluid dynamics", "cfd"),
    ("geometric dimensioning and tolerancing", "gd&t"),
    ("printed circuit board design", "pcb design", "pcb"),
    ("programmable logic controller", "plc"),
    ("field programmable gate array", "fpga"),
    ("heating ventilation and air conditioning", "hvac"),
    ("building information modeling", "bim", "building information modelling"),
    ("geographic information systems", "gis"),
    ("good manufacturing practice", "gmp"),
    ("electronic health records", "ehr"),
    ("electronic medical records", "emr"),
    ("cardiopulmonary resuscitation", "cpr"),
    ("basic life support", "bls"),
    ("advanced cardiac life support", "acls"),
    ("research and development", "r&d"),
    ("a/b testing", "split testing", "ab tests"),
)

# One word for another inside a longer text.
WORDS = {
    "mgmt": "management", "mgt": "management", "mngmt": "management", "mgr": "manager", "mngr": "manager",
    "dev": "development", "devel": "development", "prog": "programming", "eng": "engineering",
    "engg": "engineering", "engr": "engineer", "sw": "software", "hw": "hardware", "db": "database",
    "dbs": "database", "admin": "administration", "sys": "systems", "tech": "technology",
    "techs": "technologies", "comm": "communication", "comms": "communication", "acct": "accounting",
    "acctg": "accounting", "mktg": "marketing", "mkt": "market", "mfg": "manufacturing", "biz": "business",
    "bus": "business", "ops": "operations", "org": "organization", "info": "information", "fin": "financial",
    "stat": "statistical", "stats": "statistics", "viz": "visualization", "vis": "visualization",
    "algo": "algorithm", "algos": "algorithms", "arch": "architecture", "auto": "automation",
    "calc": "calculus", "cert": "certification", "doc": "documentation", "docs": "documentation",
    "env": "environment", "intl": "international", "intel": "intelligence", "lang": "language",
    "math": "mathematics", "maths": "mathematics", "mech": "mechanical", "elec": "electrical",
    "med": "medical", "obj": "object", "opt": "optimization", "perf": "performance",
    "prod": "product", "proj": "project", "qual": "quality", "rel": "relational", "repo": "repository",
    "res": "research", "sec": "security", "svc": "service", "svcs": "services",
    "svs": "services", "govt": "government", "temp": "temperature", "pt": "patient", "cust": "customer",
    "dist": "distributed", "ml": "machine learning", "ai": "artificial intelligence",
    "nlp": "natural language processing", "js": "javascript", "qa": "quality assurance",
    "ui": "user interface", "ux": "user experience", "hr": "human resources",
    "anal": "analysis", "asst": "assistant", "assoc": "associate", "exec": "executive", "rep": "representative",
    "reps": "representatives", "supv": "supervisor", "supvr": "supervisor", "coord": "coordinator",
    "spec": "specialist", "dir": "director", "vp": "vice president", "svp": "senior vice president",
    "ceo": "chief executive officer", "cfo": "chief financial officer", "cto": "chief technology officer",
    "coo": "chief operating officer", "cio": "chief information officer", "rn": "registered nurse",
    "lpn": "licensed practical nurse", "swe": "software engineer", "sde": "software development engineer",
    "dba": "database administrator", "modelling": "modeling", "optimisation": "optimization",
    "visualisation": "visualization", "organisation": "organization", "analyse": "analyze",
    "behaviour": "behavior", "colour": "color", "centre": "center", "programme": "program",
    "labour": "labor", "catalogue": "catalog", "licence": "license", "defence": "defense",
    "utilise": "utilize", "organise": "organize", "digitisation": "digitization", "tyre": "tire",
}  # fmt: skip

# Makers and houses, taken off where what is left is a skill: "Apache Kafka", "HashiCorp Terraform".
MAKERS = listed(
    "apache microsoft ms google amazon aws ibm oracle adobe atlassian jetbrains hashicorp sap salesforce "
    "facebook meta apple nvidia autodesk cisco gnu mozilla vmware redhat elastic elasticsearch intel hp "
    "databricks cloudera jboss pivotal confluent netflix twitter uber airbnb linkedin "
    "mathworks dassault siemens bosch rockwell schneider honeywell epic cerner intuit sage bloomberg "
    "hubspot shopify openai huggingface anthropic tibco informatica talend "
    "foundation"
)

# Words that say how well or how long, or in what kind of thing; alone beside a skill they change nothing.
LEVELS = listed(
    "basic basics beginner elementary fundamental fundamentals foundation foundations intro introduction "
    "introductory intermediate advanced adv expert proficient proficiency fluent strong good excellent solid "
    "senior junior experienced certified certification certificate familiar familiarity knowledge expertise "
    "experience skill skills skillset ability competence competency competent hands on hands-on working level "
    "in with of the and for using via at to my some years year yrs yr months exp core essentials essential "
    "professional specialist latest version ver v release edition x lts etc related general practical "
    "native-level course training applied practice practices"
)
KINDS = listed(
    "programming language languages coding scripting script scripts code lang prog framework frameworks "
    "library libraries lib package packages tool tools toolkit platform platforms software app apps "
    "application applications technology technologies tech stack ecosystem environment suite system systems "
    "database databases db dbms developer development dev engineer engineering expert user usage methodology "
    "method methods technique techniques concept concepts principle principles algorithm algorithms model "
    "models queries query scripting services service product process processes js api sdk ide cli orm "
    "dl ml ai open source oss enterprise desktop server-side web-based tooling work projects project"
)
# Beside a name of one or two letters (C, R, Go) only these add nothing.
OF_LANGUAGES = listed(
    "programming language lang coding scripting code developer basics basic advanced beginner intermediate "
    "expert proficient fluent in with knowledge experience skills of the"
)
PHRASES = (
    ("database", "management"),
    ("database", "administration"),
    ("hands", "on"),
    ("open", "source"),
    ("red", "hat"),
)

# Names that other names are part of, or resemble: no part is taken off, no typing error is seen in them.
NAMES_APART = listed(
    "java javascript js c c++ c# f# j# r ruby go rust perl pearl scala scale lua julia dart swift shift bash dash "
    "sales marketing sale market etl elt rest react native spring sprint spark sparc hive have sas saas sass css "
    "scss less git gist gin flask flash django ajax figma sigma vue view node mode unity unify maya mayan "
    "excel accel word world access process sql nosql mysql plsql tsql sqlite hadoop linux unix ios aix "
    "design designer direct redirect inbound outbound internal external statistical structural medical media "
    "payable receivable b2b b2c upstream downstream frontend backend import export micro macro"
)
# Together these name another thing than either word does.
NOT_THE_PART = frozenset(
    {"react native", "objective c", "java script", "action script", "apple script", "visual basic", "sql injection",
     "go to market", "c level", "c suite", "r and d", "hr tech", "spring cleaning", "power shell", "type script",
     "coffee script", "google ads", "google docs", "google sheets", "amazon ads", "java ee"}
)  # fmt: skip

# How job titles say a rank; taken off, so that ranks of one occupation compare as one.
RANKS = listed(
    "sr snr senior jr jnr junior mid midlevel mid-level entry entrylevel level lead principal staff "
    "i ii iii iv v 1 2 3 4 5 grade fulltime parttime contract contractor freelance temporary permanent "
    "trainee apprentice intern graduate remote hybrid onsite l1 l2 l3 l4 l5"
)

# Tokens that name a project by themselves.
IMPORTANT = listed(
    "nlp cnn rnn gan gans lstm gru bert gpt llm llms rag svm knn pca ai ml dl cv rl iot ar vr xr ocr asr tts etl "
    "api crm erp cms pos ui ux seo r c go c++ c# f# js ts sql bi gis cad cam bim plc pcb 3d 2d ev hr qa db os"
)
