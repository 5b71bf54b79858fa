# One image for web, worker and beat: what differs is the command.
FROM python:3.11-slim-bookworm AS build
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PROJECT_ENVIRONMENT=/opt/kotsu \
    UV_PYTHON_DOWNLOADS=never
RUN python -m pip install --no-cache-dir uv==0.13.9
WORKDIR /src
# The dependencies change less often than our own code, and are a layer of their own.
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-cache --no-install-project
COPY README.md LICENSE ./
COPY app app
COPY codemods codemods
COPY demo demo
COPY workers workers
RUN uv sync --frozen --no-cache --no-editable

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --home-dir /var/lib/kotsu kotsu \
    && install --directory --owner 10001 --group 10001 --mode 0700 /var/lib/kotsu
COPY --from=build /opt/kotsu /opt/kotsu
ENV KOTSU_DATA_DIR=/var/lib/kotsu \
    KOTSU_HOST=0.0.0.0 \
    PATH=/opt/kotsu/bin:$PATH \
    PYTHONUNBUFFERED=1
WORKDIR /var/lib/kotsu
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
CMD ["kotsu", "serve"]
