"""HTTP to addresses outside: with limits of time, and the proxy that the environment names."""

import urllib.request

import httpx

_TIMEOUT = httpx.Timeout(30, connect=5)


def http_client(url: str, timeout: httpx.Timeout = _TIMEOUT) -> httpx.Client:
    """Make a client for one address, by HTTP_PROXY, HTTPS_PROXY and NO_PROXY; httpx itself stops at `[::1]` in those.

    Raises:
        httpx.InvalidURL: the address is none.
    """
    address = httpx.URL(url)
    proxy = None if urllib.request.proxy_bypass(address.host) else urllib.request.getproxies().get(address.scheme)
    return httpx.Client(timeout=timeout, proxy=proxy, verify=httpx.create_ssl_context(), trust_env=False)
