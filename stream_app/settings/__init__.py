"""What an operator may set: `Settings` holds the values, `load` finds them and names every fault at once."""

from stream_app.settings.groups import (
    AppSettings,
    DeliverySettings,
    KafkaSettings,
    LogSettings,
    RulesSettings,
    Settings,
    TopicsSettings,
    WebSettings,
)
from stream_app.settings.load import Fault, Loaded, SettingsFaultsError, load, load_with_origins

__all__ = [
    "AppSettings",
    "DeliverySettings",
    "Fault",
    "KafkaSettings",
    "Loaded",
    "LogSettings",
    "RulesSettings",
    "Settings",
    "SettingsFaultsError",
    "TopicsSettings",
    "WebSettings",
    "load",
    "load_with_origins",
]
