/** The Dockerfile and docker-compose.yml, read and carried out without a container engine. */
@NullMarked
package io.chainrule.container;

import org.jspecify.annotations.NullMarked;
