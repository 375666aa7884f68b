/** The Dockerfile, docker-compose.yml and the manifests of Kubernetes, read and carried out without an engine or a cluster. */
@NullMarked
package io.chainrule.container;

import org.jspecify.annotations.NullMarked;
