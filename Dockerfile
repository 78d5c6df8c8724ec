# candor serve in a container: the model is mounted, nothing of it is built in.
FROM python:3.13-slim AS build

# What uv.lock names is what is installed, to the last hash. It is compiled here, as whoever runs it may not write
# there: else each start compiles some 2,000 modules anew. An image does not change, so no source is looked at again.
ENV UV_COMPILE_BYTECODE=1 \
    PYC_INVALIDATION_MODE=UNCHECKED_HASH
WORKDIR /src
COPY pyproject.toml uv.lock README.md LICENSE ./
COPY ranker ranker
COPY fairness fairness
COPY explain explain
RUN pip install --no-cache-dir uv==0.13.8 \
    && UV_PROJECT_ENVIRONMENT=/opt/candor \
       uv sync --frozen --no-dev --no-editable --no-cache --extra api --extra postgres --extra monitor

FROM python:3.13-slim
COPY --from=build /opt/candor /opt/candor
# The image's own library comes without.
RUN python -m compileall -q --invalidation-mode unchecked-hash "$(python -c 'import os; print(os.path.dirname(os.__file__))')"
RUN useradd --system --uid 10001 --home-dir /var/lib/candor --create-home candor \
    && install -d -o candor -g candor /var/cache/candor /models

# Kernels are compiled by the first start, as their code is for the machine at hand, and kept; output is not held back.
ENV PATH=/opt/candor/bin:$PATH \
    NUMBA_CACHE_DIR=/var/cache/candor \
    PYTHONUNBUFFERED=1

USER 10001
WORKDIR /var/lib/candor
VOLUME ["/var/lib/candor"]
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]

ENTRYPOINT ["candor"]
CMD ["serve", "/model", "--host", "0.0.0.0", "--port", "8000"]
