package io.chainrule;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.boot.SpringApplicationRunListener;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A test class with methods that look for lines of the log in a {@link CapturedOutput}. Logging is one for the whole JVM, and a
 * Spring application that starts discards every line until its own settings are read. So no application of another thread starts
 * while such a method runs. Annotations that bring Spring's own extension stand before this one, or at a superclass.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith({ReadsLog.Turn.class, OutputCaptureExtension.class})
public @interface ReadsLog {
    /**
     * Holds the log for a test method, and for the start of an application: {@code META-INF/spring.factories} names it. It lets go before
     * Spring is told of the method's end: Spring then waits for its cache of contexts, which a thread holds that starts an application.
     */
    final class Turn implements BeforeTestExecutionCallback, AfterTestExecutionCallback, SpringApplicationRunListener {
        private static final ReentrantLock LOG = new ReentrantLock();
        /** Set in the threads of a test that reads the log. Such a test may start applications itself. */
        private static final InheritableThreadLocal<Boolean> READER = new InheritableThreadLocal<>();

        private boolean starting;

        @Override
        public void beforeTestExecution(ExtensionContext test) {
            if (readsLog(test)) {
                LOG.lock();
                READER.set(true);
            }
        }

        @Override
        public void afterTestExecution(ExtensionContext test) {
            if (readsLog(test)) {
                READER.remove();
                LOG.unlock();
            }
        }

        private static boolean readsLog(ExtensionContext test) {
            return List.of(test.getRequiredTestMethod().getParameterTypes()).contains(CapturedOutput.class);
        }

        @Override
        public void starting(ConfigurableBootstrapContext context) {
            if (READER.get() == null) {
                LOG.lock();
                starting = true;
            }
        }

        @Override
        public void contextPrepared(ConfigurableApplicationContext context) {
            release();
        }

        @Override
        public void failed(@Nullable ConfigurableApplicationContext context, Throwable cause) {
            release();
        }

        private void release() {
            if (starting) {
                starting = false;
                LOG.unlock();
            }
        }
    }
}
