package io.chainrule.web.security;

import io.chainrule.service.access.SecurityMode;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.Objects;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * A component of some modes alone. The property is read as it is bound elsewhere, so that no way of writing it leaves the service open by
 * mistake.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@Conditional(ForMode.OnMode.class)
public @interface ForMode {
    SecurityMode[] value();

    /** Looks at the mode. */
    final class OnMode implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            SecurityMode[] modes = metadata.getAnnotations().get(ForMode.class).getEnumArray("value", SecurityMode.class);
            return Arrays.asList(modes).contains(SecurityMode.of(Objects.requireNonNull(context.getEnvironment())));
        }
    }
}
