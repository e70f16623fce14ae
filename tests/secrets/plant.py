#!/usr/bin/env python3
"""plant: write pieces of code that hold made-up secrets, or things that look like some.

    plant.py planted | held-out | clean  [SEED]  > FILE.jsonl

A line is {"text", "secret", "kind", "context"}: the secret stands in the text, once.
Nothing here knows the patterns of lib/redact: the forms of tokens are facts from what
services publish of them, and each piece is drawn anew from the seed. "planted" has every
kind in every context; "held-out" has forms and contexts that were written down after the
patterns, by what the documents of other scanners list; "clean" has no secrets.
"""
import base64
import hashlib
import json
import random
import string
import sys

R = random.Random()
LOWER, UPPER, DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
ALNUM = UPPER + LOWER + DIGITS
B64, B64URL = ALNUM + "+/", ALNUM + "-_"
HEX = DIGITS + "abcdef"


def some(alphabet, n, most=None):
    n = R.randint(n, most) if most else n
    while True:
        text = "".join(R.choice(alphabet) for _ in range(n))
        # a drawn token of letters and digits has some of each
        if n < 10 or not set(alphabet) - set(DIGITS) or not set(alphabet) & set(DIGITS):
            return text
        if any(c in DIGITS for c in text) and any(c not in DIGITS for c in text):
            return text


def uuid():
    return "-".join([some(HEX, 8), some(HEX, 4), "4" + some(HEX, 3), "a" + some(HEX, 3), some(HEX, 12)])


def b64(n):
    return base64.b64encode(R.randbytes(n)).decode()


def b64url(n):
    return base64.urlsafe_b64encode(R.randbytes(n)).decode().rstrip("=")


def jwt():
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return ".".join([
        part({"alg": R.choice(["HS256", "RS256", "ES256"]), "typ": "JWT"}),
        part({"sub": some(DIGITS, 9), "name": word().title(), "iat": R.randint(1500000000, 1800000000)}),
        b64url(32),
    ])


WORDS = """summer winter dragon purple monkey coffee garden rocket silver falcon tiger river
mountain guitar pepper shadow thunder orange planet castle bridge candle forest hammer
island jungle kitten lemon marble needle office pirate quartz rabbit saddle tunnel velvet
walnut yellow zebra anchor basket cactus donkey engine fabric galaxy helmet""".split()


def word():
    return R.choice(WORDS)


def password():
    """Draw a password as a person or a password manager makes one."""
    return R.choice([
        lambda: word() + str(R.randint(10, 9999)),
        lambda: word().title() + str(R.randint(1, 99)) + R.choice("!@#?*"),
        lambda: word().title() + R.choice("!@#_-.") + word().title() + str(R.randint(1, 999)),
        lambda: word().replace("e", "3").replace("o", "0").replace("a", "@") + str(R.randint(1, 99)),
        lambda: some(ALNUM, 12, 20),
        lambda: some(ALNUM + "!@#%^*_-+=~.", 12, 24).replace("=", "9").replace("-", "k"),
        lambda: some(LOWER + DIGITS, 8, 12),
        lambda: "-".join(word() for _ in range(4)),
        lambda: "P@ssw0rd" + str(R.randint(1, 99)),
        lambda: word() + "_" + some(DIGITS, 4) + "_" + word(),
    ])()


def plain_password():
    """Draw one that may stand in an address or a command without quotes."""
    while True:
        text = password()
        if not set(text) & set("@#?%^*!/&~"):
            return text


def drawn():
    """Draw a token without any form of a service."""
    return R.choice([
        lambda: some(ALNUM, 20, 48),
        lambda: some(HEX, 32),
        lambda: some(HEX, 40),
        lambda: some(HEX, 64),
        lambda: some(LOWER + DIGITS, 24, 40),
        lambda: b64(24),
        lambda: b64(32),
        lambda: b64url(32),
        lambda: some(UPPER + DIGITS, 24, 32),
    ])()


def pem(label="RSA PRIVATE KEY", size=608):
    body = b64(size)
    lines = "\n".join(body[i:i + 64] for i in range(0, len(body), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----"


# Tokens that tell by their form what they are.
TOKENS = {
    "aws-key": lambda: R.choice(["AKIA", "ASIA"]) + some(UPPER + "234567", 16),
    "gcp-key": lambda: "AIza" + some(B64URL, 34) + some(ALNUM, 1),
    "google-oauth": lambda: "GOCSPX-" + some(B64URL, 27) + some(ALNUM, 1),
    "google-access": lambda: "ya29." + some(B64URL, 80) + some(ALNUM, 1),
    "github-ghp": lambda: R.choice(["ghp_", "gho_", "ghu_", "ghs_", "ghr_"]) + some(ALNUM, 36),
    "github-pat": lambda: "github_pat_" + some(ALNUM, 22) + "_" + some(ALNUM, 59),
    "gitlab": lambda: "glpat-" + some(B64URL, 19) + some(ALNUM, 1),
    "slack-bot": lambda: "xoxb-" + some(DIGITS, 12) + "-" + some(DIGITS, 12) + "-" + some(ALNUM, 24),
    "slack-user": lambda: f"xoxp-{some(DIGITS, 11)}-{some(DIGITS, 11)}-{some(DIGITS, 12)}-{some(HEX, 32)}",
    "slack-app": lambda: f"xapp-1-A{some(UPPER + DIGITS, 10)}-{some(DIGITS, 13)}-{some(HEX, 64)}",
    "stripe-live": lambda: R.choice(["sk_live_", "rk_live_"]) + some(ALNUM, 24, 99),
    "stripe-hook": lambda: "whsec_" + some(ALNUM, 32),
    "twilio-key": lambda: "SK" + some(HEX, 32),
    "sendgrid": lambda: "SG." + some(B64URL, 22) + "." + some(B64URL, 42) + some(ALNUM, 1),
    "npm": lambda: "npm_" + some(ALNUM, 36),
    "pypi": lambda: "pypi-AgEIcHlwaS5vcmc" + some(B64URL, 120) + some(ALNUM, 1),
    "openai-old": lambda: "sk-" + some(ALNUM, 20) + "T3BlbkFJ" + some(ALNUM, 20),
    "openai-project": lambda: "sk-proj-" + some(B64URL, 74) + "T3BlbkFJ" + some(B64URL, 73) + some(ALNUM, 1),
    "anthropic": lambda: "sk-ant-api03-" + some(B64URL, 93) + "AA",
    "huggingface": lambda: "hf_" + some(UPPER + LOWER, 34),
    "telegram": lambda: some("123456789", 1) + some(DIGITS, 9) + ":AA" + some(B64URL, 32) + some(ALNUM, 1),
    "mailgun": lambda: "key-" + some(HEX, 32),
    "mailchimp": lambda: some(HEX, 32) + "-us" + str(R.randint(1, 21)),
    "digitalocean": lambda: R.choice(["dop_v1_", "doo_v1_", "dor_v1_"]) + some(HEX, 64),
    "shopify": lambda: R.choice(["shpat_", "shpss_", "shpca_", "shppa_"]) + some(HEX, 32),
    "square": lambda: "sq0atp-" + some(B64URL, 21) + some(ALNUM, 1),
    "square-secret": lambda: "sq0csp-" + some(B64URL, 42) + some(ALNUM, 1),
    "databricks": lambda: "dapi" + some(HEX, 32),
    "docker": lambda: "dckr_pat_" + some(B64URL, 26) + some(ALNUM, 1),
    "vault": lambda: "hvs." + some(B64URL, 23) + some(ALNUM, 1),
    "age": lambda: "AGE-SECRET-KEY-1" + some("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58),
    "terraform": lambda: some(ALNUM, 14) + ".atlasv1." + some(B64URL, 66) + some(ALNUM, 1),
    "jwt": jwt,
    "new-relic": lambda: "NRAK-" + some(UPPER + DIGITS, 27),
    "grafana": lambda: "glsa_" + some(ALNUM, 32) + "_" + some(HEX, 8),
    "linear": lambda: "lin_api_" + some(ALNUM, 40),
    "notion": lambda: "ntn_" + some(ALNUM, 46),
    "figma": lambda: "figd_" + some(B64URL, 39) + some(ALNUM, 1),
    "postman": lambda: "PMAK-" + some(HEX, 24) + "-" + some(HEX, 34),
    "pulumi": lambda: "pul-" + some(HEX, 40),
    "doppler": lambda: "dp.pt." + some(ALNUM, 43),
    "rubygems": lambda: "rubygems_" + some(HEX, 48),
    "atlassian": lambda: "ATATT3xFfGF0" + some(B64URL, 171) + some(ALNUM, 1) + "=" + some(HEX.upper(), 8),
    "alibaba": lambda: "LTAI" + some(ALNUM, 20),
    "groq": lambda: "gsk_" + some(ALNUM, 52),
    "replicate": lambda: "r8_" + some(ALNUM, 37),
    "tailscale": lambda: "tskey-auth-" + some(ALNUM, 12) + "CNTRL-" + some(ALNUM, 32),
    "planetscale": lambda: "pscale_tkn_" + some(B64URL, 42) + some(ALNUM, 1),
    "dynatrace": lambda: "dt0c01." + some(UPPER + DIGITS, 24) + "." + some(UPPER + DIGITS, 64),
    "sentry": lambda: "sntryu_" + some(HEX, 64),
    "brevo": lambda: "xkeysib-" + some(HEX, 64) + "-" + some(ALNUM, 16),
    "azure-ad": lambda: some(ALNUM, 3) + "8Q~" + some(ALNUM + "-_~.", 33) + some(ALNUM, 1),
    "artifactory": lambda: "AKCp8" + some(ALNUM, 68),
    "airtable": lambda: "pat" + some(ALNUM, 14) + "." + some(HEX, 64),
}

# Places where a token stands. {} is the token, and names tell nothing.
PLACES = {
    "python-argument": 'client = Client("{}", timeout=30)\nclient.run()\n',
    "python-default": "def connect(host, auth='{}'):\n    return open_it(host, auth)\n",
    "js-const": "const value = '{}';\nexport default value;\n",
    "js-template": "const h = `Use {} here`;\n",
    "go-call": 'func main() {{\n\tc := sdk.New("{}")\n\tc.Do()\n}}\n',
    "java-field": 'private static final String VALUE = "{}";\n',
    "rust-let": 'let x = Builder::new("{}").build()?;\n',
    "c-define": '#define VALUE "{}"\n',
    "ruby-call": "Thing.configure {{ |c| c.value = '{}' }}\n",
    "php-array": "<?php return ['value' => '{}'];\n",
    "yaml": "service:\n  value: {}\n  other: 1\n",
    "shell": "export VALUE={}\n./run\n",
    "env": "OTHER=1\nVALUE={}\n",
    "json": '{{"a": 1, "value": "{}", "b": [2]}}\n',
    "json-in-string": 's = "{{\\"value\\": \\"{}\\"}}"\n',
    "comment": "# the old one was {} (revoked)\nx = 1\n",
    "block-comment": "/*\n * {}\n */\nint x;\n",
    "list": 'values = [\n    "{}",\n    "b",\n]\n',
    "html": '<script data-value="{}"></script>\n',
    "escape": 'text = "first line\\n{}\\nlast line"\n',
    "docstring": 'def f():\n    """Call it with {} once."""\n',
    "curl": "curl -H 'X-Thing: {}' https://api.host.io/v1\n",
}

# Names of passwords and of drawn values, and the places where a name tells.
PASSWORD_NAMES = ["password", "db_password", "DB_PASSWORD", "dbPassword", "passwd", "userPassword", "smtp_pass",
                  "admin_pwd", "PASSWORD", "redis_password", "passphrase", "root_password", "mysqlPassword"]
DRAWN_NAMES = ["api_key", "API_KEY", "apiKey", "secret", "client_secret", "SECRET_KEY", "auth_token", "accessToken",
               "access_token", "token", "private_key", "encryption_key", "AWS_SECRET_ACCESS_KEY", "secretKey",
               "GITHUB_TOKEN", "consumer_secret", "x-api-key", "signingKey", "webhook_secret"]
NAMED = {
    "python": '{n} = "{v}"\n',
    "python-quote": "{n} = '{v}'\nrun({n})\n",
    "python-typed": 'class Config:\n    {n}: str = "{v}"\n',
    "python-keyword": 'connect(host="db", {n}="{v}", port=5432)\n',
    "python-dict": 'CONFIG = {{\n    "host": "x",\n    "{n}": "{v}",\n}}\n',
    "python-environ": 'os.environ["{n}"] = "{v}"\n',
    "python-getenv": 'x = os.environ.get("{n}", "{v}")\n',
    "python-or": 'x = os.getenv("{n}") or "{v}"\n',
    "python-bytes": '{n} = b"{v}"\n',
    "python-compare": 'if {n} == "{v}":\n    login()\n',
    "js-const": "const {n} = '{v}';\n",
    "js-member": "export const options = {{ {n}: '{v}', port: 1 }};\n",
    "js-or": "const x = process.env.{n} || '{v}';\n",
    "js-this": 'this.{n} = "{v}";\n',
    "ts-typed": "private readonly {n}: string = '{v}';\n",
    "java": 'private static final String {n} = "{v}";\n',
    "java-setter": 'props.put("{n}", "{v}");\n',
    "java-property": 'System.setProperty("{n}", "{v}");\n',
    "csharp": 'public string {n} {{ get; set; }} = "{v}";\n',
    "csharp-var": 'var {n} = @"{v}";\n',
    "go": '{n} := "{v}"\n',
    "go-const": 'const {n} = "{v}"\n',
    "go-member": 'cfg := Config{{\n\t{n}: "{v}",\n}}\n',
    "go-bytes": 'var {n} = []byte("{v}")\n',
    "rust": 'const {n}: &str = "{v}";\n',
    "rust-string": 'let {n} = String::from("{v}");\n',
    "c": 'static const char *{n} = "{v}";\n',
    "c-array": 'char {n}[] = "{v}";\n',
    "c-define": '#define {n} "{v}"\n',
    "c++": 'std::string {n}("{v}");\n',
    "c++-brace": 'std::string {n}{{"{v}"}};\n',
    "ruby": "{n} = '{v}'\n",
    "ruby-symbol": ":{n} => '{v}',\n",
    "php": "${n} = '{v}';\n",
    "php-array": "'{n}' => '{v}',\n",
    "php-define": "define('{n}', '{v}');\n",
    "perl": "my ${n} = '{v}';\n",
    "perl-hash": "my %c = ({n} => '{v}');\n",
    "lua": "local {n} = '{v}'\n",
    "r": '{n} <- "{v}"\n',
    "shell": "export {n}='{v}'\n",
    "shell-bare": 'readonly {n}="{v}"\n',
    "powershell": '${n} = "{v}"\n',
    "batch": 'set "{n}={v}"\n',
    "sql": "SET @{n} = '{v}';\n",
    "haskell": '{n} = "{v}"\n',
    "vb": 'Dim {n} As String = "{v}"\n',
    "yaml-quoted": '  {n}: "{v}"\n',
    "toml": '{n} = "{v}"\n',
    "hcl": 'variable "x" {{\n  {n} = "{v}"\n}}\n',
    "json": '{{"host": "x", "{n}": "{v}"}}\n',
    "json-in-string": 's = "{{\\"{n}\\": \\"{v}\\"}}"\n',
    "xml": "<config><{n}>{v}</{n}></config>\n",
    "xml-attribute": '<db user="sa" {n}="{v}"/>\n',
    "xml-pair": '<add key="{n}" value="{v}"/>\n',
    "kubernetes": '- name: {n}\n  value: "{v}"\n',
    "docker": 'ENV {n} "{v}"\n',
    "comment": "# {n}: '{v}'\n",
    "fortran": "character(len=64) :: {n} = '{v}'\n",
}
UNQUOTED = {
    "env": "{N}={v}\n",
    "export": "export {N}={v}\n",
    "inline": "{N}={v} ./deploy.sh\n",
    "dockerfile": "ENV {N}={v}\n",
    "docker-run": "docker run -e {N}={v} image\n",
    "github-actions": "env:\n  {N}: {v}\n",
    "batch": "set {N}={v}\r\n",
    "properties": "spring.datasource.{n}={v}\n",
    "ini": "[db]\n{n} = {v}\n",
    "option": "tool --{o}={v} --verbose\n",
    "option-space": "tool --{o} {v} --verbose\n",
}


def keys():
    """Yield kind, secret and text for private keys."""
    for label in ["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY",
                  "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK"]:
        key = pem(label)
        yield "pem", key, key + "\n"
        yield "pem-python", key, f'KEY = """{key}"""\n'
        flat = key.replace("\n", "\\n")
        yield "pem-escaped", flat, f'const key = "{flat}";\n'
        yield "pem-json", flat, json.dumps({"type": "service_account", "private_key": key, "x": 1}) + "\n"
        joined = ' +\n    '.join(f'"{line}\\n"' for line in key.split("\n"))
        yield "pem-joined", key, f"String key = {joined};\n"
        rows = ",\n".join(f"    '{line}'" for line in key.split("\n"))
        yield "pem-list", key, f"key = [\n{rows}\n].join('\\n')\n"
        indented = "\n".join("    " + line for line in key.split("\n"))
        yield "pem-yaml", key, f"key: |\n{indented}\n"
        c = "\n".join(f'    "{line}\\n"' for line in key.split("\n"))
        yield "pem-c", key, f"static const char key[] =\n{c};\n"
        encoded = base64.b64encode(key.encode()).decode()
        yield "pem-base64", encoded, f"    client-key-data: {encoded}\n"
    key = pem().replace("KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC," + some(HEX.upper(), 32) + "\n\n", 1)
    yield "pem-encrypted", key, key + "\n"
    body = "\n".join(b64(48) for _ in range(14))
    yield "putty", body, f"PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nComment: k\nPublic-Lines: 1\nAAAAB3\nPrivate-Lines: 14\n{body}\nPrivate-MAC: {some(HEX, 40)}\n"


def addresses():
    """Yield kind, secret and text for passwords in addresses and connection strings."""
    for scheme in ["postgres", "postgresql+psycopg2", "mysql", "mongodb+srv", "redis", "amqp", "https", "ftp", "smtp", "ldap"]:
        for form in ['url = "{s}://app:{p}@db.host.io:5432/x"\n', "DATABASE_URL={s}://app:{p}@10.0.0.5/x\n",
                     "  url: {s}://app:{p}@db.host.io/x?a=1\n", "git clone {s}://me:{p}@host.io/r.git\n"]:
            p = plain_password()
            yield "url", p, form.format(s=scheme, p=p)
    for form in ['cs = "Server=db;Database=x;User Id=sa;Password={p};Encrypt=true";\n',
                 'cs = "Driver={{SQL Server}};Server=x;Uid=sa;Pwd={p};"\n',
                 'url = "jdbc:sqlserver://h:1433;databaseName=x;user=sa;password={p}";\n',
                 'url = "jdbc:mysql://h/x?user=a&password={p}&useSSL=false";\n',
                 'conn = psycopg2.connect("host=h dbname=x user=u password={p}")\n',
                 'dsn = "user=u password={p} host=h port=5432 sslmode=disable"\n',
                 'r = "cache.host.io:6380,password={p},ssl=True,abortConnect=False"\n',
                 'redis.from_url("redis://:{p}@cache:6379/0")\n']:
        for _ in range(4):
            p = plain_password()
            yield "connection", p, form.format(p=p)
    for form in ["machine api.host.io login me password {p}\n", "machine h\n  login me\n  password {p}\n",
                 "curl -u admin:{p} https://h.io/x\n", "curl --user admin:{p} -X POST h.io\n",
                 "mysql -u root -p{p} db < x.sql\n", "PGPASSWORD={p} psql -h h\n", "sshpass -p {p} ssh me@h\n",
                 "CREATE USER app WITH PASSWORD '{p}';\n", "CREATE USER 'a'@'%' IDENTIFIED BY '{p}';\n",
                 "ALTER LOGIN sa WITH PASSWORD = '{p}';\n", "docker login -u me -p {p} r.io\n",
                 "openssl rsa -in k -passin pass:{p}\n"]:
        for _ in range(4):
            p = plain_password()
            yield "command", p, form.format(p=p)
    for form in ['headers = {{"Authorization": "Bearer {t}"}}\n', "curl -H 'Authorization: Bearer {t}' h.io\n",
                 'req.Header.Set("Authorization", "Bearer {t}")\n', "fetch('https://h.io/x?api_key={t}')\n",
                 'url = "https://h.io/x?a=1&access_token={t}&b=2"\n', 'headers = {{"X-Api-Key": "{t}"}}\n',
                 "curl -H 'X-Auth-Token: {t}' h.io\n", "//registry.npmjs.org/:_authToken={t}\n",
                 'headers["Authorization"] = "token {t}"\n']:
        for _ in range(4):
            t = some(ALNUM, 32, 48)
            yield "header", t, form.format(t=t)
    for form in ['headers = {{"Authorization": "Basic {t}"}}\n', "curl -H 'Authorization: Basic {t}'\n",
                 '{{"auths": {{"r.io": {{"auth": "{t}"}}}}}}\n']:
        for _ in range(4):
            t = base64.b64encode((word() + ":" + password()).encode()).decode()
            yield "basic", t, form.format(t=t)
    for _ in range(4):
        t = b64(64)
        yield "azure-storage", t, f'cs = "DefaultEndpointsProtocol=https;AccountName=x;AccountKey={t};EndpointSuffix=core.windows.net"\n'
        t = b64(32)
        yield "azure-bus", t, f'cs = "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={t}"\n'
        t = b64(32).replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
        yield "azure-sas", t, f'u = "https://x.blob.core.windows.net/c?sv=2022-11-02&sp=r&se=2030-01-01T00%3A00%3A00Z&sig={t}"\n'
        t = "T" + some(UPPER + DIGITS, 8) + "/B" + some(UPPER + DIGITS, 8) + "/" + some(ALNUM, 24)
        yield "slack-hook", t, f'URL = "https://hooks.slack.com/services/{t}"\n'
        t = some(DIGITS, 18) + "/" + some(B64URL, 67) + some(ALNUM, 1)
        yield "discord-hook", t, f'hook = "https://discord.com/api/webhooks/{t}"\n'
        t = uuid()
        yield "heroku", t, f'HEROKU_API_KEY = "{t}"\n'
        t = some(B64, 40)
        yield "aws-secret", t, f'aws_secret_access_key = "{t}"\n'
        t = some(B64, 40)
        yield "aws-secret", t, f"[default]\naws_access_key_id = x\naws_secret_access_key = {t}\n"
        t = some(ALNUM, 24, 26).replace("0", "M")
        t = "M" + some(ALNUM, 23) + "." + some(ALNUM, 6) + "." + some(B64URL, 37) + some(ALNUM, 1)
        yield "discord-bot", t, f"client.login('{t}');\n"
        t = some(DIGITS, 19) + "/" + some(B64URL, 67) + some(ALNUM, 1)
        yield "discord-hook", t, f"https://ptb.discord.com/api/v10/webhooks/{t}\n"
        t = f"{uuid()}@{uuid()}/IncomingWebhook/{some(HEX, 32)}/{uuid()}"
        yield "teams-hook", t, f"https://outlook.office.com/webhook/{t}\n"
        t = some(ALNUM, 54)
        yield "azure-function", t, f"https://f.azurewebsites.net/api/x?code={t}==\n"
        t = base64.b64encode((word() + ":" + password()).encode()).decode()
        yield "basic", t, f"authorization: 'basic {t}'\n"
        t = base64.b64encode(json.dumps({"auths": {"r.io": {"auth": b64(20)}}}).encode()).decode()
        yield "docker-config", t, f"  .dockerconfigjson: {t}\n"
        t = base64.b64encode(json.dumps({"type": "service_account", "private_key": pem("PRIVATE KEY", 1200)}, indent=2).encode()).decode()
        yield "google-account", t, f"GCP_SA_KEY={t}\n"
        t = some(HEX, 64)
        yield "wallet", t, f'const wallet = new ethers.Wallet("0x{t}");\n'
        t = some(UPPER + "234567", 32)
        yield "totp", t, f'pyotp.TOTP("{t}").now()\n'
        t = b64url(32)
        yield "fernet", t, f'Fernet(b"{t}=")\n'


def option(name):
    return name.replace("_", "-").lower()


def planted():
    for kind, make in TOKENS.items():
        for place, form in PLACES.items():
            secret = make()
            yield kind, place, secret, form.format(secret)
    for names, make, kind in ((PASSWORD_NAMES, password, "password"), (DRAWN_NAMES, drawn, "drawn")):
        for place, form in NAMED.items():
            for name in names:
                if "-" in name and "{n}" in form and '"{n}"' not in form:
                    continue
                v = make()
                if any(c in v for c in "<>&"):
                    continue
                yield kind, place, v, form.format(n=name, v=v)
        for place, form in UNQUOTED.items():
            for name in names:
                v = plain_password() if kind == "password" else make()
                yield kind + "-unquoted", place, v, form.format(n=name, N=name.upper().replace("-", "_"), o=option(name), v=v)
    for kind, secret, text in keys():
        yield "private-key", kind, secret, text
    for kind, secret, text in addresses():
        yield kind, kind, secret, text



# Forms and places that the documents of other scanners list, and others that people use.
OTHER_TOKENS = {
    "octopus": lambda: "API-" + some(UPPER + DIGITS, 26),
    "settlemint": lambda: "sm_aat_" + some(ALNUM, 16),
    "intra42": lambda: "s-s4t2ud-" + some(HEX, 64),
    "maxmind": lambda: some(ALNUM, 6) + "_" + some(ALNUM, 29) + "_mmk",
    "lob": lambda: R.choice(["live_", "test_"]) + some(HEX, 35),
    "gocardless": lambda: "live_" + some(ALNUM, 40),
    "gitlab-feed": lambda: "glft-" + some(B64URL, 19) + some(ALNUM, 1),
    "gitlab-runner": lambda: "GR1348941" + some(B64URL, 19) + some(ALNUM, 1),
    "hubspot": lambda: "pat-na1-" + uuid(),
    "clojars": lambda: "CLOJARS_" + some(LOWER + DIGITS, 60),
    "contentful": lambda: "CFPAT-" + some(B64URL, 42) + some(ALNUM, 1),
    "duffel": lambda: "duffel_test_" + some(B64URL, 42) + some(ALNUM, 1),
    "easypost": lambda: "EZAK" + some(ALNUM, 54),
    "frameio": lambda: "fio-u-" + some(B64URL, 63) + some(ALNUM, 1),
    "flutterwave": lambda: "FLWSECK_TEST-" + some(HEX, 32) + "-X",
    "infracost": lambda: "ico-" + some(ALNUM, 32),
    "mapbox": lambda: "sk.eyJ" + some(ALNUM, 80) + "." + some(ALNUM, 22),
    "prefect": lambda: "pnu_" + some(LOWER + DIGITS, 36),
    "readme": lambda: "rdme_" + some(LOWER + DIGITS, 70),
    "shippo": lambda: "shippo_live_" + some(HEX, 40),
    "sourcegraph": lambda: "sgp_" + some(HEX, 16) + "_" + some(HEX, 40),
    "typeform": lambda: "tfp_" + some(ALNUM, 40) + "_" + some(ALNUM, 14),
    "grafana-cloud": lambda: "glc_eyJ" + some(ALNUM, 80),
    "dropbox": lambda: "sl." + some(B64URL, 135) + some(ALNUM, 1),
    "facebook": lambda: "EAAC" + some(ALNUM, 150),
    "onepassword": lambda: "ops_eyJ" + some(ALNUM, 250),
    "onepassword-key": lambda: "-".join(["A3", some(UPPER + DIGITS, 6), some(UPPER + DIGITS, 6)] + [some(UPPER + DIGITS, 5) for _ in range(4)]),
    "openshift": lambda: "sha256~" + some(B64URL, 42) + some(ALNUM, 1),
    "sentry-org": lambda: "sntrys_eyJ" + some(ALNUM, 120) + "_" + some(ALNUM, 43),
    "harness": lambda: "pat." + some(ALNUM, 22) + "." + some(HEX, 24) + "." + some(ALNUM, 20),
    "aws-bedrock": lambda: "ABSK" + some(B64, 130).replace("/", "a").replace("+", "b"),
    "databricks-2": lambda: "dapi" + some(HEX, 32) + "-2",
    "azure-storage-new": lambda: some(ALNUM, 76) + "+AStp" + some(ALNUM, 5) + "==",
    "azure-devops": lambda: some(ALNUM, 76) + "AZDO" + some(ALNUM, 4),
    "vault-batch": lambda: "hvb." + some(B64URL, 150) + some(ALNUM, 1),
    "jwe": lambda: "eyJ" + some(ALNUM, 40) + "." + some(B64URL, 43) + "." + some(ALNUM, 16) + "." + some(B64URL, 60) + "." + some(ALNUM, 22),
    "unknown-1": lambda: "acme_live_" + some(ALNUM, 32),
    "unknown-2": lambda: "zorb_pat_" + some(HEX, 40),
    "unknown-3": lambda: "qx_sk_" + some(ALNUM, 28),
    "unknown-4": lambda: "foo-prod-" + some(ALNUM, 36),
    "launchdarkly": lambda: "sdk-" + uuid(),
    "stripe-test": lambda: "sk_test_" + some(ALNUM, 24),
    "github-app": lambda: "ghs_" + some(ALNUM, 36),
    "nvidia": lambda: "nvapi-" + some(B64URL, 63) + some(ALNUM, 1),
    "xai": lambda: "xai-" + some(ALNUM, 80),
    "perplexity": lambda: "pplx-" + some(ALNUM, 48),
    "pinecone": lambda: "pcsk_" + some(ALNUM, 6) + "_" + some(ALNUM, 63),
    "openrouter": lambda: "sk-or-v1-" + some(HEX, 64),
    "deepseek": lambda: "sk-" + some(HEX, 32),
    "langsmith": lambda: "lsv2_pt_" + some(HEX, 32) + "_" + some(HEX, 10),
    "pagertree": lambda: "rk_live_" + some(ALNUM, 24),
    "cerebras": lambda: "csk-" + some(LOWER + DIGITS, 48),
    "together": lambda: "tgp_v1_" + some(B64URL, 42) + some(ALNUM, 1),
    "firecrawl": lambda: "fc-" + some(HEX, 32),
    "e2b": lambda: "e2b_" + some(HEX, 40),
    "helicone": lambda: "sk-helicone-" + "-".join(some(LOWER + DIGITS, 7) for _ in range(4)),
    "jina": lambda: "jina_" + some(HEX, 32) + some(ALNUM, 28),
    "neon": lambda: "napi_" + some(LOWER + DIGITS, 64),
    "polar": lambda: "polar_oat_" + some(ALNUM, 43),
    "cloudflare-token": lambda: "cfut_" + some(ALNUM, 40) + some(HEX, 8),
    "infisical": lambda: "st." + some(HEX, 24) + "." + some(HEX, 32) + "." + some(HEX, 32),
    "runpod": lambda: "rpa_" + some(UPPER + DIGITS, 32) + some(LOWER + DIGITS, 10),
    "render": lambda: "rnd_" + some(ALNUM, 28),
    "buildkite-cluster": lambda: "bkct_" + some(ALNUM, 40),
}
SERVICES = """adafruit asana beamer bittrex codecov cohere coinbase confluent datadog droneci etsy fastly finnhub flickr
freshbooks gitter intercom kraken kucoin linkedin looker mattermost messagebird netlify nytimes okta rapidapi sendbird
sidekiq snyk squarespace sumologic travisci trello twitch twitter zendesk algolia amplitude bitly branch bugsnag
cloudflare deepl dnsimple elastic fullstory geocodio hunter ipstack jira keen lokalise mixpanel nexmo opsgenie
pagerduty plivo pusher rollbar segment tatum unsplash vultr weatherbit wakatime yelp zoom""".split()
SERVICE_NAMES = ["{s}_api_key", "{S}_TOKEN", "{s}Secret", "{s}_client_secret", "{S}_API_SECRET", "{s}-access-token",
                 "{s}ApiKey", "{S}_ACCESS_KEY", "{s}_auth_token", "{S}_SECRET_KEY", "{s}.apiKey", "{S}_KEY"]
SERVICE_FORMS = ['{n} = "{v}"\n', "{n}: '{v}'\n", '  "{n}": "{v}",\n', "export {n}={v}\n", "{n}={v}\n", '{n} := "{v}"\n',
                 'cfg.set("{n}", "{v}")\n', "{n}: {v}\n", '<add key="{n}" value="{v}" />\n', '--{n}="{v}"\n', "'{n}' => '{v}',\n"]
OTHER_PLACES = [
    'val password: String = "{p}"\n', "let apiPassword: String = \"{p}\"\n", 'NSString *password = @"{p}";\n',
    "final password = '{p}';\n", '{{:user "sa" :password "{p}"}}\n', 'config :app, password: "{p}"\n',
    '{{password, "{p}"}}\n', "ansible_password: {p}\n", "      - POSTGRES_PASSWORD={p}\n", "  POSTGRES_PASSWORD: '{p}'\n",
    '$c = ConvertTo-SecureString "{p}" -AsPlainText -Force\n', "DB_PASSWORD := {p}\n", "define( 'DB_PASSWORD', '{p}' );\n",
    'storePassword "{p}"\n', "storePassword={p}\n", "  password '{p}'\n", "[client]\nuser=root\npassword={p}\n",
    "login_user('bob', password='{p}')\n", "requests.get(url, auth=('bob', '{p}'))\n", 'HTTPBasicAuth("bob", "{p}")\n',
    'smtp.login("bob@host.io", "{p}")\n', 'DriverManager.getConnection(url, "bob", "{p}");\n',
    "$db = mysqli_connect('localhost', 'bob', '{p}', 'x');\n", "new PDO($dsn, 'bob', '{p}');\n",
    '.withBasicAuth("bob", "{p}")\n', 'req.SetBasicAuth("bob", "{p}")\n', 'new NetworkCredential("bob", "{p}")\n',
    'new UsernamePasswordCredentials("bob", "{p}")\n', 'ftp.login("bob", "{p}")\n', "ssh.connect(h, username='u', password='{p}')\n",
    'passwordField.setText("{p}");\n', 'driver.find_element(By.ID, "password").send_keys("{p}")\n',
    "page.fill('#password', '{p}')\n", 'cy.get("#password").type("{p}")\n', 'if (pw.equals("{p}")) {{ ok(); }}  // password\n',
    'spring.datasource.password: {p}\n', '"ConnectionString": "Data Source=x;User ID=sa;Password={p}"\n',
    "env PGPASSWORD='{p}' psql\n", "redis-cli -a {p} ping\n", "mongo -u root -p {p} admin\n", "mysqldump --password={p} x\n",
    "ldapsearch -D cn=x -w {p} -b dc=x\n", "echo {p} | sudo -S true\n", "unzip -P {p} a.zip\n",
    "ALTER USER postgres PASSWORD '{p}';\n", "GRANT ALL ON x.* TO 'u'@'h' IDENTIFIED BY '{p}';\n",
    "INSERT INTO users (name, password) VALUES ('bob', '{p}');\n", "'password': r'{p}',\n", 'PASSWORD = """{p}"""\n',
    "password = (\n    '{p}'\n)\n", 'std::getenv("PASSWORD") ?: "{p}"\n',
    'password: process.env.PW ?? "{p}",\n', "ENV['DB_PASSWORD'] || '{p}'\n", "ENV.fetch('DB_PASSWORD', '{p}')\n",
    "const {{ password = '{p}' }} = options;\n", "function login(user, password = '{p}') {{}}\n",
    'def connect(host, password="{p}"):\n    pass\n', '@Value("${{db.password:{p}}}")\n', "${{DB_PASSWORD:-{p}}}\n",
    "<input type=\"password\" value=\"{p}\">\n", "# password is {p}\n", "// pw: {p}\n", "log.info('password: {p}')\n",
    "machine h login u account a password {p}\n", "db.host.io:5432:mydb:bob:{p}\n", "[db]\npassword = {p} ; of bob\n",
    "password={p} # of bob\n", "my $password = q({p});\n", "password = %q({p})\n", 'let password = r#"{p}"#;\n',
    'auto password = R"({p})";\n', '<entry key="password">{p}</entry>\n', "requirepass {p}\n", "net use z: \\\\h\\s /user:bob {p}\n",
    'psk="{p}"\n', "enable secret {p}\n", 'WiFi.begin("ssid", "{p}");\n', 'expect "Password:"\nsend "{p}\\r"\n',
    "plink -ssh u@h -pw {p} ls\n", "net user bob {p} /add\n", "echo 'bob:{p}' | chpasswd\n",
    'variable "db_password" {{\n  type    = string\n  default = "{p}"\n}}\n',
]
OTHER_DRAWN = [
    "secret_key_base: {v}\n", "SECRET_KEY = 'django-insecure-{v}'\n", "APP_KEY=base64:{v}\n", 'app.secret_key = b"{v}"\n',
    "app.config['SECRET_KEY'] = '{v}'\n", "jwt.sign(payload, '{v}')\n", "jwt.encode(payload, '{v}', algorithm='HS256')\n",
    "session({{ secret: '{v}' }})\n", "new OpenAI({{ apiKey: '{v}' }})\n", "openai.api_key = '{v}'\n", 'client = Client(token="{v}")\n',
    'x.setApiKey("{v}");\n', '.header("X-API-Key", "{v}")\n', "headers: {{ 'x-api-key': '{v}' }}\n", "apikey: {v}\n",
    "Authorization: Token {v}\n", "req.headers['Authorization'] = 'ApiKey {v}'\n", "?key={v}&x=1\n", "?sig=1&token={v}\n",
    'hmac.new(b"{v}", msg)\n', 'const hmacKey = "{v}";\n', "bot_token: '{v}'\n", "--api-key {v}\n", "-H 'PRIVATE-TOKEN: {v}'\n",
    "encryption.key={v}\n", 'SECRET = "{v}"\n', '"token" : "{v}"\n', "credentials: '{v}'\n", "ACCESS_TOKEN='{v}'\n",
    'provider "x" {{\n  token = "{v}"\n}}\n', "data:\n  token: {v}\n", "{{'key': 'API_TOKEN', 'value': '{v}'}}\n",
    'Environment="API_KEY={v}"\n', "os.putenv('API_KEY', '{v}')\n", 'System.getenv().getOrDefault("API_KEY", "{v}")\n',
    "static let apiKey = \"{v}\"\n", 'buildConfigField "String", "API_KEY", "\\"{v}\\""\n', '<string name="google_api_key">{v}</string>\n',
    "<meta-data android:name=\"API_KEY\" android:value=\"{v}\" />\n", "const token = `{v}`;\n", "api_key => \"{v}\"\n",
    "Cookie: theme=dark; sessionid={v}\n", "wandb.login(key=\"{v}\")\n", "[Peer]\nPresharedKey = {v}\n",
]


def held_out():
    for kind, make in OTHER_TOKENS.items():
        for place in R.sample(sorted(PLACES), 8):
            secret = make()
            yield kind, place, secret, PLACES[place].format(secret)
    for service in SERVICES:
        for _ in range(4):
            name = R.choice(SERVICE_NAMES).format(s=service, S=service.upper())
            v = R.choice([drawn, drawn, uuid, lambda: some(HEX, 32), lambda: some(ALNUM, 32)])()
            yield "service", "service", v, R.choice(SERVICE_FORMS).format(n=name, v=v)
    for i, form in enumerate(OTHER_PLACES):
        for _ in range(4):
            p = plain_password()
            yield "password", form.split("\n")[0][:40], p, form.format(p=p)
    for form in OTHER_DRAWN:
        for _ in range(4):
            v = drawn()
            yield "drawn", form.split("\n")[0][:40], v, form.format(v=v)


CLEAN = [
    'password = "your-password-here"\n', "api_key = 'YOUR_API_KEY'\n", 'token = "<token>"\n', "password: ${{PASSWORD}}\n",
    "password = os.environ['DB_PASSWORD']\n", "const k = process.env.API_KEY;\n", "password = '%s' % x\n", "secret: {{{{ secret }}}}\n",
    'password = "changeme"\n', 'password = "xxxxxxxx"\n', "password: '********'\n", 'key = "AKIAIOSFODNN7EXAMPLE"\n',
    'aws_secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"\n', "password = getpass.getpass('Password: ')\n",
    'alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"\n', 'token = "0123456789abcdef0123456789abcdef"\n', 'password = ""\n',
    'password = "password"\n', 'const passwordLabel = "Enter your password";\n', 'input_type = "password"\n',
    '<input type="password" name="user_password2" id="pw-2">\n', "def check_password(self, password):\n    return 1\n",
    'password_hash = "$2b$12$abcdefghijklmnopqrstuv"\n', 'token_url = "https://host.io/oauth2/token"\n', "token = tokens[0]\n",
    'secret_name = "my-app-secret-v2"\n', "url = 'https://user@host.io/x'\n", 'url = "postgres://user:${{PW}}@host/x"\n',
    "url = 'https://user:<password>@host'\n", "url = f'redis://:{{password}}@h'\n", 'auth = "Bearer " + token\n',
    "headers = {{'Authorization': f'Bearer {{token}}'}}\n", "Authorization: Bearer <token>\n", "Authorization: Basic authentication\n",
    'sha256 = "{sha256}"\n', 'commit = "{sha1}"\n', 'md5 = "{md5}"\n', 'integrity="sha384-{b64}"\n', 'id = "{uuid}"\n',
    '"{pkg}": {{"version": "1.0", "resolved": "https://r.io/x.tgz#{sha1}", "integrity": "sha512-{b64}"}}\n',
    'checksum = "{sha256}"\n', "ETag: \"{md5}\"\n", 'data:image/png;base64,iVBORw0KGgo{b64}\n',
    "-----BEGIN PUBLIC KEY-----\n{b64}\n-----END PUBLIC KEY-----\n", "-----BEGIN CERTIFICATE-----\nMIID{b64}\n-----END CERTIFICATE-----\n",
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB{b64} me@host\n", 'public_key = "{b64}"\n', 'x = "veryLongIdentifierThatSomebodyWroteInCamelCase42"\n',
    'cache_key = "user:profile:v2:settings"\n', 'primary_key = "customer_order_id"\n', 'PASSWORD_RESET_TIMEOUT = 259200\n',
    "if password != confirm_password2:\n    raise E()\n", 'type Token struct {{ Kind string }}\n', 'let token: Token = lexer.next_token();\n',
    "token: String,\n", "secret: &[u8; 32],\n", "password: Option<String>,\n", 'errors.New("password must have 8 characters")\n',
    'const AUTH_TOKEN_HEADER = "X-Auth-Token-V2";\n', "password = generate_password2(16)\n", 'uri = "mongodb://localhost:27017/test2"\n',
    'KEY_F12 = "key_f12"\n', 'keys = ["Ctrl+Shift+P", "Alt+F4"]\n', 'access_key = "AccessKeyId"\n', 'x = "{uuid}"  # request\n',
    '[[package]]\nname = "a"\nchecksum = "{sha256}"\n', "h1:{b64}=\n", '"sha1": "{sha1}", "tree": "{sha1}"\n', 'curl -u "$USER:$PASS" h.io\n',
    "mysql -u root -p\n", 'sk = load_key("sk-path")\n', 'pattern = r"ghp_[A-Za-z0-9]{{36}}"\n', 'PREFIX = "xoxb-"\n', "password = None\n",
    "token = 'fake-token'\n", "api_key='dummy'\n", "client_secret='...'\n", "key = 'REDACTED'\n", 'token = "{{{{ vault_token }}}}"\n',
    'password = ENV["PW"]\n', 'password: !vault |\n', "password = vault.read('secret/data/db')\n", "secret: projects/1/secrets/x/versions/2\n",
    'password = getpass()\n', 'password=getpass.getpass()\n', 'password = input("Password: ")\n',
    'String password = System.getenv("DB_PASSWORD");\n', 'password: ${{{{ secrets.DB_PASSWORD }}}}\n',
    'password = Environment.GetEnvironmentVariable("PASSWORD")\n', 'password := os.Getenv("APP_PASSWORD_2")\n',
    'let password = env::var("DB_PASSWORD1").unwrap();\n', "$password = getenv('DB_PASSWORD');\n",
    "password = ENV.fetch('DB_PASSWORD')\n", 'password = var.db_password\n', 'password = random_password.db.result\n',
    'password = data.aws_secretsmanager_secret_version.db.secret_string\n', 'password = "${{random_password.db2.result}}"\n',
    'variable "db_password" {{\n  type = string\n  default = ""\n}}\n',
    'variable "db_password" {{\n  description = "Password of user2"\n  sensitive = true\n}}\n',
    'variable "token_type" {{\n  default = "bearer-v2"\n}}\n', 'password = "%s"\n', '"password=%s&user=%s"\n',
    'f"password={{password}}"\n', '"Password={{0}};User={{1}}"\n', "dsn = f'postgres://{{user}}:{{pw}}@{{host}}/x'\n",
    'dsn = "postgres://%s:%s@%s/x" % a\n', "url = 'https://USER:PASSWORD@host/'\n", "url = 'mysql://user:pass@localhost/x'\n",
    "url = 'redis://:password@localhost'\n", "proxy = 'http://username:password@proxy:8080'\n",
    'amqp://guest:guest@localhost:5672/\n', 'url = "https://host:8080/@scope/pkg"\n',
    '"git+ssh://git@github.com:org/repo.git#v1.2.3"\n', 'Authorization: Bearer $TOKEN\n',
    'Authorization: Bearer YOUR_ACCESS_TOKEN\n', 'Authorization: Basic $(echo -n u:p | base64)\n',
    'Authorization: Basic <credentials>\n', 'auth = "basic authentication of users"\n', '# basic information about it\n',
    '// Basic dXNlcg is not it\n', 'Basic understanding of Basic/advanced topics\n',
    'headers = {{"Authorization": "Bearer " + get_token()}}\n', 'key: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t{b64}\n',
    '    certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUR{b64}\n',
    '    client-certificate-data: LS0tLS1CRUdJTiBDRVJU{b64}\n', 'LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0K{b64}\n',
    '"discovery-token-ca-cert-hash": "sha256:{sha256}"\n',
    '-----BEGIN RSA PUBLIC KEY-----\\n{b64}\\n-----END RSA PUBLIC KEY-----\n',
    'if "BEGIN RSA PRIVATE KEY" in text:\n    raise E()\n', 're.compile("-----BEGIN (RSA|EC) PRIVATE KEY-----")\n',
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA{b64} me@h\n',
    '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{b64}\n-----END PGP PUBLIC KEY BLOCK-----\n',
    '-----BEGIN PGP SIGNATURE-----\n\n{b64}\n-----END PGP SIGNATURE-----\n',
    '-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----\n',
    '"-----BEGIN PRIVATE KEY-----\\nYOUR_KEY\\n-----END PRIVATE KEY-----\\n"\n',
    'GITHUB_TOKEN: ${{{{ secrets.GITHUB_TOKEN }}}}\n', 'export OPENAI_API_KEY=sk-...\n',
    'OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n', 'token = "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"\n',
    '"hf_XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"\n', 'xoxb-your-token-here\n',
    'https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX\n',
    'https://discord.com/api/webhooks/<id>/<token>\n',
    'https://discord.com/api/webhooks/123456789012345678/your-webhook-token\n',
    'https://api.telegram.org/bot<TOKEN>/sendMessage\n', 'BOT_TOKEN=123456:ABC-DEF\n',
    '//registry.npmjs.org/:_authToken=${{NPM_TOKEN}}\n', 'machine github.com login USER password TOKEN\n',
    'machine h login $U password $P\n', 'password = <your-api-token>\n',
    'AccountKey=<your-account-key>;EndpointSuffix=core.windows.net\n', 'AccountName=devstoreaccount1;AccountKey=${{KEY}}\n',
    'SharedAccessKey={{{{key}}}}\n', '"integrity": "sha512-{b64}"\n', 'sha256:{sha256}\n', 'image@sha256:{sha256}\n',
    'etag = "{md5}"\n', 'vector = "{sha256}"\n', 'expected = bytes.fromhex("{sha256}")\n',
    'self.assertEqual(digest, "{sha1}")\n', '"resolved": "https://registry.npmjs.org/a/-/a-1.0.0.tgz#{sha1}"\n',
    'github.com/x/y v1.2.3 h1:{b64}=\n', 'checksum = "{sha256}"\n', 'revision = "{sha1}"\n', 'uuid = "{uuid}"\n',
    'client_id = "{uuid}"\n', 'tenant_id: {uuid}\n', 'subscription_id = "{uuid}"\n',
    'url(data:font/woff2;base64,d09GMgABAAAAA{b64}{b64})\n', 'img = "iVBORw0KGgoAAAANSUhEUgAA{b64}{b64}"\n',
    '<img src="data:image/png;base64,iVBORw0KGgo{b64}">\n',
    'sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjozLCJ{b64}\n',
    '<script integrity="sha384-{b64}" crossorigin="anonymous"></script>\n', 'const tokenTypes = ["identifier2", "keyword3"];\n',
    'token = tokenizer.next_token2()\n', 'if (token === "function2") x();\n', 'csrf_token()\n',
    '<meta name="csrf-token" content="{{{{ csrf_token() }}}}">\n', 'var a=function(t,e){{return t.secretKey=e.secretKey}}\n',
    'passwordField.type = "text2"\n', 'passwordInput = document.getElementById("password1")\n',
    '<label for="password">Password1</label>\n', 'password_regex = "^[A-Za-z0-9!@#]{{8,}}$"\n',
    '"passwordPolicy": "min-length-8"\n', 'errorMessage = "Password must have 8 to 64 characters"\n',
    'PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]\n',
    '"password": "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"\n', '$6$rounds=5000$saltsalt$hash.hash.hash1\n',
    'useradd -p "$HASH" bob\n', 'enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0\n', 'psk = load_psk("psk1")\n',
    'psk="your-wifi-psk"\n', 'WiFi.begin(ssid, password);\n', 'WiFi.begin("your-ssid", "your-password");\n',
    'requirepass ${{REDIS_PASSWORD}}\n', '# requirepass foobared\n', 'net use z: \\\\h\\s /user:bob %PASS%\n',
    '"/user:id/posts:post2"\n', 'app.get("/user:name", handler2)\n', 'route("/user:admin page2x")\n',
    'localhost:5432:db:user:$PW\n', '{{"host": "db", "port": 5432, "x": "a:b:c"}}\n', '["db:5432:tcp:open:postgresql9"]\n',
    'new Wallet(privateKey)\n', 'wallet("0x0000000000000000000000000000000000000000000000000000000000000001")\n',
    'pyotp.TOTP("JBSWY3DPEHPK3PXP")\n', 'pyotp.TOTP("base32secret3232")\n', 'totp(secret)\n', 'Fernet(key)\n',
    'Fernet(Fernet.generate_key())\n', 'cookie: "theme=dark; lang=en-us; tokens=1"\n', 'document.cookie = "session=" + id\n',
    'Cookie: sessionid=$SESSION\n', 'login(key=KEY)\n', 'const st = a.b.c\n', 'rnd_int = random2()\n',
    'rnd_generator_with_a_long_name_of_letters2()\n', 'fc-dialog-content-wrapper-2\n', 'fc-event-title\n', 'csk-button\n',
    'cf_at_least = 1\n', 'prod:service-2|other\n', 'eyJhdXRocyI6e319\n', 'polar_coordinates2()\n',
    'polar_to_cartesian_transform_v2\n', 'jina_embeddings_v3_base\n', 'runner.run(token=TOKEN2)\n',
    'password = config["password2"]\n', 'password = cfg.password2 # from config\n', 'password = self.password ; x\n',
    'secret_key = settings.SECRET_KEY # 32 bytes\n', 'password=args.password2 # x1\n', 'token: string # opaque\n',
    'password: str = Field(default="") # 8 at least\n', 'password: string; // min 8\n', 'pwd = os.getcwd() # 1\n',
    'password = q(name)\n', 'my $password = qw(a b);\n', 'my $password = q{{}};\n', 'token = re"[a-z0-9]+"\n',
    'let password = r#"{{{{password}}}}"#;\n', 'psk: bytes32,\n', 'PresharedKey = <key>\n',
    'pre_shared_key = generate_key2()\n', 'preshared_key: preshared_key_resource_2\n',
    '<entry key="password_label">Password2</entry>\n', '<entry key="password"></entry>\n',
    '<string name="password_hint">At_least_8</string>\n', '<entry key="error.token">invalid_token_2</entry>\n',
]


def clean():
    for form in CLEAN:
        for _ in range(6):
            data = R.randbytes(40)
            yield "clean", form.split("\n")[0][:40], "", form.format(
                sha256=hashlib.sha256(data).hexdigest(), sha1=hashlib.sha1(data).hexdigest(), md5=hashlib.md5(data).hexdigest(),
                b64=b64(48), uuid=uuid(), pkg=word())


def main():
    sets = {"planted": planted, "held-out": held_out, "clean": clean}
    R.seed(int(sys.argv[2]) if len(sys.argv) > 2 else 12)
    for kind, place, secret, text in sets[sys.argv[1]]():
        print(json.dumps({"text": text, "secret": secret, "kind": kind, "context": place}))


if __name__ == "__main__":
    main()
