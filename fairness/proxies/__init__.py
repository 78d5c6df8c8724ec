"""Proxies: what protected attributes can be predicted from, and how well."""

from fairness.proxies.fields import fields_read
from fairness.proxies.measure import proxies
from fairness.proxies.table import Proxy, ProxyTable

__all__ = ["Proxy", "ProxyTable", "fields_read", "proxies"]
