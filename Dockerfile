# docker build --build-arg REVISION="$(git rev-parse HEAD)" --tag saasbackup-exporter .
#
# The image contains only what scripts/image-root creates: no shell, no package manager, nothing to update but
# the builder. The C library is glibc, linked dynamically, as in the tests and benchmarks; musl
# resolves names and allocates memory differently.

# A tag can be moved: a release adds the digest (rust:1.95-slim-bookworm@sha256:...), see docs/RELEASE.md. The image
# contains the required C compiler and CA certificates.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /build

# The dependencies are a separate layer, which is rebuilt only when these files change. Cargo wants a file for every
# benchmark in the manifest, although none is built.
COPY Cargo.toml Cargo.lock ./
COPY simulator/Cargo.toml simulator/
RUN mkdir src simulator/src benches \
    && sed -n '/^\[\[bench\]\]/{n;s|^name = "\(.*\)"|benches/\1.rs|p}' Cargo.toml >benches/list \
    && xargs touch <benches/list \
    && echo '//! Stands for the product while its dependencies are built.' >src/lib.rs \
    && cp src/lib.rs simulator/src/lib.rs \
    && printf '//! Stands for the program.\nfn main() {}\n' >src/main.rs \
    && cargo build --release --locked --bin saasbackup-exporter \
    && rm -r src simulator/src

COPY build.rs ./
COPY simulator/src simulator/src
COPY src src
COPY LICENSE NOTICE ./
COPY scripts/image-root scripts/notices scripts/
ARG REVISION=""
# Copied files keep their times, which are older than the build of the placeholders.
RUN touch simulator/src/lib.rs src/lib.rs src/main.rs \
    && SAASBACKUP_EXPORTER_REVISION="$REVISION" cargo build --release --locked --bin saasbackup-exporter \
    && scripts/image-root target/release/saasbackup-exporter /image \
    && mkdir /state

FROM scratch
COPY --from=build /image /
# A new volume gets its owner from here. A folder created by the first COPY would keep its owner, so it is not part of it.
COPY --from=build --chown=65532:65532 /state /var/lib/saasbackup-exporter

# Numeric, so that Kubernetes can verify that it is not root.
USER 65532:65532
EXPOSE 10047
# Environment variables instead of arguments, so that they apply to the subcommands as well.
ENV SAASBACKUP_EXPORTER_CONFIG_FILE=/etc/saasbackup-exporter/config.yaml
ENTRYPOINT ["/usr/bin/saasbackup-exporter"]
HEALTHCHECK --interval=30s --timeout=10s --start-period=10s --retries=3 \
    CMD ["/usr/bin/saasbackup-exporter", "health"]

ARG REVISION=""
LABEL org.opencontainers.image.title="saasbackup-exporter" \
      org.opencontainers.image.description="Prometheus exporter for SaaS backups: Dropsuite (NinjaOne SaaS Backup) and Datto SaaS Protection" \
      org.opencontainers.image.version="0.2.0" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/saasbackup-exporter/saasbackup-exporter" \
      org.opencontainers.image.documentation="https://github.com/saasbackup-exporter/saasbackup-exporter/blob/main/docs/INSTALL.md"
