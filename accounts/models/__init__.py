"""Who uses the site."""

from accounts.models.export import Export
from accounts.models.profile import Profile
from accounts.models.sanction import Sanction
from accounts.models.token import ApiToken
from accounts.models.user import OPEN_END, User, Users, mixes_alike, refuse_mixed_scripts, username_key

__all__ = [
    "OPEN_END",
    "ApiToken",
    "Export",
    "Profile",
    "Sanction",
    "User",
    "Users",
    "mixes_alike",
    "refuse_mixed_scripts",
    "username_key",
]
