FROM eclipse-temurin:25-jdk AS build
WORKDIR /build
# With curl mvnw downloads Maven. Pictures as PNG are drawn with the fonts, of which the second has Hangul.
RUN apt-get update && apt-get install -y --no-install-recommends curl fontconfig fonts-dejavu-core fonts-nanum
COPY scripts/image-root.sh ./
RUN ./image-root.sh root
COPY mvnw pom.xml ./
COPY .mvn .mvn
COPY src/main src/main
# The image gets no history of the sources, so that whoever builds it tells their commit: /actuator/info answers it.
ARG COMMIT=unknown
# What Maven downloads outlives this layer: neither new sources nor a new pom load it again.
RUN --mount=type=cache,target=/m2 ./mvnw -q -Dmaven.repo.local=/m2 package -Dmaven.test.skip=true -Dcommit=$COMMIT
RUN java -Djarmode=tools -jar target/chainrule-*.jar extract --layers --destination layers --application-filename app.jar
RUN install -d -m 700 volumes/data
# Layers with the same files have the same bytes only if the times of the files are the same, too; and an AOT cache checks those of jars.
RUN find root layers volumes -exec touch -h -d 2026-01-01T00:00:00Z {} +

# Nothing is here that is not copied: no shell, no package manager (docs/decisions/no-shell.md).
FROM scratch
# One layer each, the rarely changed ones first.
COPY --from=build /build/root/system/ /
COPY --from=build /build/root/java/ /opt/java/
WORKDIR /app
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/spring-boot-loader/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./
ENV PATH=/opt/java/bin:/usr/bin JAVA_HOME=/opt/java LANG=C.UTF-8
# The launcher reads this in the training run below and in the service alike: a cache serves only the flags it was
# trained with. In 1 GiB the heap gets 614 MiB; classes, code, threads and buffers fit into the rest. Limits keep
# requests from exhausting the heap; should it happen all the same, a fresh start is better than a service half alive.
# docs/operations.md, "Size", says what the two SurvivorRatio flags and TrimNativeHeapInterval are for.
ENV JDK_JAVA_OPTIONS="--add-modules jdk.incubator.vector -XX:MaxRAMPercentage=60 -XX:SurvivorRatio=2 -XX:TargetSurvivorRatio=95 -XX:TrimNativeHeapInterval=5000 -XX:+ExitOnOutOfMemoryError"
# The run answers a request before it ends, so that the cache holds what a first answer needs too. "archivedBootLayer not
# available" is all that the JVM says against the incubator module: the cache holds the rest.
RUN --mount=type=tmpfs,target=/tmp ["java", "-XX:AOTCacheOutput=app.aot", "-Dchainrule.warm-up=exit", "-jar", "app.jar", "--server.port=0"]
# What is kept, as keys are, is here; a service that only computes writes nothing to it.
COPY --from=build --chown=10001:10001 /build/volumes/ /
VOLUME /data
ENV CHAINRULE_DATA_DIRECTORY=/data
# Other machines may reach a container; without chainrule.security.mode the service would bind the loopback address.
ENV SERVER_ADDRESS=0.0.0.0
# Where the service answers, for the check below. On a read-only root /tmp must be a tmpfs, which Tomcat's work folder needs anyway.
ENV CHAINRULE_HEALTH_FILE=/tmp/health
# A number, so that whoever forbids root can see that it is none. But for /data nothing here belongs to it.
USER 10001:10001
EXPOSE 8080
# A small JVM, some 0.1 s of a core each time. It gets no variables, since flags for the service's JVM are not meant for it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s \
  CMD ["env", "-i", "/opt/java/bin/java", "-Xmx16m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", \
  "-jar", "app.jar", "health", "/tmp/health"]
STOPSIGNAL SIGTERM
LABEL org.opencontainers.image.title="Chainrule" \
  org.opencontainers.image.description="Gradients over HTTP" \
  org.opencontainers.image.licenses="Apache-2.0"
ARG COMMIT=unknown
LABEL org.opencontainers.image.revision=$COMMIT
ENTRYPOINT ["java", "-XX:AOTCache=app.aot", "-jar", "app.jar"]
