# The container of the Action. It builds with the legacy builder and with BuildKit, so there is no
# `# syntax=` line, no `RUN --mount` and no `COPY --chmod`. The runner gives no build arguments:
# the default of BASE counts there; tests name another one.
ARG BASE=python:3.13-slim-trixie@sha256:ffb752e139c0a19692a43af8d8523b274222dd68eebad5d583b45c2201c6e30a

# Stage 1: the program and its packages, with bytecode beside each file.
FROM ${BASE} AS program
COPY requirements/runtime.txt /build/
RUN python -m venv --without-pip /opt/reviewer \
    && pip --disable-pip-version-check --python /opt/reviewer/bin/python install \
        --no-cache-dir --no-compile --only-binary :all: --require-hashes -r /build/runtime.txt
COPY reviewer /build/reviewer
COPY LICENSE /opt/reviewer/
RUN cp -R /build/reviewer "$(/opt/reviewer/bin/python -c 'import site; print(site.getsitepackages()[0])')/" \
    && find /opt/reviewer/lib -depth -type d '(' -name tests -o -name __pycache__ ')' -exec rm -rf '{}' + \
    && /opt/reviewer/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/reviewer/lib \
    && chown -R 0:0 /opt/reviewer && chmod -R go-w /opt/reviewer

# Stage 2: git without Perl. The package brings Perl and half of what the image may weigh; the
# five commands we use need two programs, a link and the libraries that the base lacks.
FROM ${BASE} AS git
# Versions of Debian's packages are not pinned: the base's digest decides, and Debian removes old ones.
# hadolint ignore=DL3008
RUN find /usr/lib -name '*.so*' > /base-libraries && sort -o /base-libraries /base-libraries \
    && apt-get update && apt-get install -y --no-install-recommends git \
    && mkdir -p /picked/usr/bin /picked/usr/lib/git-core /picked/usr/share/git-core/templates \
    && cp -p /usr/bin/git /picked/usr/bin/ \
    && cp -p /usr/lib/git-core/git-remote-http /picked/usr/lib/git-core/ \
    && ln -s git-remote-http /picked/usr/lib/git-core/git-remote-https \
    && ldd /usr/bin/git /usr/lib/git-core/git-remote-http > /needed \
    && sed -n 's#.*=> \(/usr\)\{0,1\}\(/lib/[^ ]*\) .*#/usr\2#p' /needed > /libraries \
    && sort -u -o /libraries /libraries \
    && comm -23 /libraries /base-libraries > /lacking \
    && xargs -a /lacking -I '{}' cp -L --parents '{}' /picked \
    && rm -rf /var/lib/apt/lists/*

# Last stage: only copies. No USER and no WORKDIR: GitHub starts it as root in the workspace, and
# the program itself gives up root for everything that reads the change.
FROM ${BASE}
COPY --from=git /picked/ /
COPY --from=program /opt/reviewer /opt/reviewer
ENTRYPOINT ["/opt/reviewer/bin/python", "-I", "-m", "reviewer"]
