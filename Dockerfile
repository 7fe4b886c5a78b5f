# One image for every process of the site; compose.yaml says which runs where.
FROM python:3.11-slim-bookworm

RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc pkg-config libmariadb-dev fonts-wqy-microhei \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /site
# Which build of torch: the CPU's, or for NVIDIA cards --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu126
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY pyproject.toml constraints.txt ./
RUN pip install --no-cache-dir --index-url "$TORCH_INDEX" torch==2.13.0 \
 && pip install --no-cache-dir -c constraints.txt ".[ml,mysql]"

COPY . .
RUN useradd --create-home site && mkdir /data && chown site /data
USER site
ENV DATA_DIR=/data HOST=0.0.0.0 PORT=8000 PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000
CMD ["python", "manage.py", "run"]
