FROM eclipse-temurin:25-jdk AS build
WORKDIR /build
# For mvnw, which downloads Maven.
RUN apt-get update && apt-get install -y --no-install-recommends curl
COPY mvnw pom.xml ./
COPY .mvn .mvn
COPY src/main src/main
# The image gets no history of the sources, so that whoever builds it tells their commit: /actuator/info answers it.
ARG COMMIT=unknown
# What Maven downloads outlives this layer: neither new sources nor a new pom load it again.
RUN --mount=type=cache,target=/m2 ./mvnw -q -Dmaven.repo.local=/m2 package -Dmaven.test.skip=true -Dcommit=$COMMIT
RUN java -Djarmode=tools -jar target/chainrule-*.jar extract --layers --destination layers --application-filename app.jar

FROM eclipse-temurin:25-jre
WORKDIR /app
# Pictures as PNG are drawn with these; the second has Hangul.
RUN apt-get update && apt-get install -y --no-install-recommends fontconfig fonts-dejavu-core fonts-nanum && rm -rf /var/lib/apt/lists/*
# The launcher reads this in the training run below and in the service alike: a cache serves only the flags it was
# trained with. In 1 GiB the heap gets 614 MiB; classes, code, threads and buffers fit into the rest. Limits keep
# requests from exhausting the heap; should it happen all the same, a fresh start is better than a service half alive.
ENV JDK_JAVA_OPTIONS="--add-modules jdk.incubator.vector -XX:MaxRAMPercentage=60 -XX:+ExitOnOutOfMemoryError"
# One layer each, the rarely changed ones first.
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/spring-boot-loader/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./
# The run answers a request before it ends, so that the cache holds what a first answer needs too. "archivedBootLayer not
# available" is all that the JVM says against the incubator module: the cache holds the rest.
RUN java -XX:AOTCacheOutput=app.aot -Dchainrule.warm-up=exit -jar app.jar --server.port=0
# What is kept, as keys are, is here; a service that only computes writes nothing to it.
RUN install -d -o 10001 -g 10001 -m 700 ../data
VOLUME /data
ENV CHAINRULE_DATA_DIRECTORY=/data
# Other machines may reach a container; without chainrule.security.mode the service would bind the loopback address.
ENV SERVER_ADDRESS=0.0.0.0
# A number, so that whoever forbids root can see that it is none. But for /data nothing here belongs to it: Tomcat's work folder
# below /tmp is all else that the service writes, so on a read-only root /tmp must be a tmpfs.
USER 10001:10001
EXPOSE 8080
# The image has neither curl nor wget, but bash speaks TCP.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${SERVER_PORT:-8080} && printf 'GET /actuator/health/readiness HTTP/1.0\\r\\n\\r\\n' >&3 && read -r status <&3 && [[ $status == *' 200 '* ]]"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["java", "-XX:AOTCache=app.aot", "-jar", "app.jar"]
