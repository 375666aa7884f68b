package io.chainrule.service.run;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Has Spring Boot say in place of a stack trace which limit cannot be kept. {@code META-INF/spring.factories} names it. */
final class UnfitLimitAnalyzer extends AbstractFailureAnalyzer<UnfitLimitException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, UnfitLimitException cause) {
        return new FailureAnalysis(cause.getMessage(), cause.action(), cause);
    }
}
