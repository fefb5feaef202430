from os import environ

SESSION_CONFIGS = [
    {"name": "walk", "app_sequence": ["walk"], "num_demo_participants": 1, "display_name": "walk"}
]
SESSION_CONFIG_DEFAULTS = {
    "real_world_currency_per_point": 1.0,
    "participation_fee": 0.0,
    "doc": "",
}
PARTICIPANT_FIELDS: list[str] = []
SESSION_FIELDS: list[str] = []
LANGUAGE_CODE = "en"
REAL_WORLD_CURRENCY_CODE = "USD"
USE_POINTS = True
ROOMS: list[dict[str, str]] = []
ADMIN_USERNAME = "admin"
ADMIN_PASSWORD = environ.get("OTREE_ADMIN_PASSWORD", "admin")
DEMO_PAGE_INTRO_HTML = ""
SECRET_KEY = "nothing to keep"
