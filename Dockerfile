# musnad's Telegram bot. `docker build -t musnad .`, or compose.yaml, which builds and runs it.
# Everything it keeps is in /data; the model is converted into it at the first start, from a file in the image.

# Both stages by the same digest: the index of this tag's images for each processor. To renew it, and with it what Debian
# mended since: docker buildx imagetools inspect python:3.11-slim-bookworm.
ARG BASE=python:3.11.16-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b

FROM ${BASE} AS build

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
WORKDIR /src

# What musnad needs, in a layer that is made anew only when that changes, and only as the files whose hashes stand in
# requirements.lock. The second index has torch without CUDA; whatever else it offers has other hashes.
COPY requirements.lock ./
RUN pip install --require-hashes --no-deps --extra-index-url https://download.pytorch.org/whl/cpu -r requirements.lock

COPY pyproject.toml ./
COPY README.md LICENSE ./
COPY bot bot
COPY corpus corpus
COPY prompts prompts
COPY vectorstore vectorstore
RUN pip install --no-deps --no-build-isolation . && pip check

# Libraries' own tests and headers: a quarter of a gigabyte that nothing here reads.
RUN find /venv/lib -type d \( -name tests -o -name test -o -path '*/torch/include' \) -prune -exec rm -r {} +


FROM ${BASE}

RUN useradd --uid 10001 --user-group --no-create-home --no-log-init --home-dir /data --shell /usr/sbin/nologin musnad \
    && install -d -o musnad -g musnad -m 0700 /data
COPY --from=build /venv /venv

# Inside the container every address; compose.yaml publishes it on the host's loopback only.
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_ARENA_MAX=2 \
    MUSNAD_DATA=/data \
    MUSNAD_LISTEN=0.0.0.0:8080
USER 10001:10001
VOLUME /data
EXPOSE 8080

# The first start converts the model and may complete an index.
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=8)"]

ENTRYPOINT ["musnad"]
CMD ["telegram"]
