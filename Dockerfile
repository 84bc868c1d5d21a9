# The command `ansim` in a container: docker compose run --rm ansim import /data ...
FROM python:3.12-slim-bookworm AS build
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE cli*.py ./
COPY api api
COPY geo geo
COPY layers layers
COPY maps maps
COPY data data
RUN python -m venv /opt/ansim \
    && PIP_CONSTRAINT=constraints.txt /opt/ansim/bin/pip install --no-cache-dir '.[ogc,postgis,serve]'

FROM python:3.12-slim-bookworm
RUN useradd --create-home --uid 10001 ansim && mkdir /data && chown ansim /data
COPY --from=build /opt/ansim /opt/ansim
ENV PATH=/opt/ansim/bin:$PATH PYTHONUNBUFFERED=1 TZ=Asia/Seoul
USER ansim
# Compiled kernels go into the user's cache, so that the first answer does not wait for the compiler.
RUN python -m api.ready
WORKDIR /data
ENTRYPOINT ["ansim"]
CMD ["--help"]
