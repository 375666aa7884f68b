package io.chainrule.spark;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.SparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;
import scala.Function1;
import scala.collection.Iterator;
import scala.concurrent.Await;
import scala.concurrent.duration.Duration;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction0;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/** Work that Spark has been given, and what has come of it. Spark hands on one result for each partition. */
final class Submitted<R> {
    private final Arrivals<R> arrivals = new Arrivals<>();
    private final SimpleFutureAction<Object> job;

    /** Takes results as they come, on a thread of Spark's that must not be kept. */
    private static final class Arrivals<R> extends AbstractFunction2<Object, R, BoxedUnit> {
        private final BlockingQueue<R> results = new LinkedBlockingQueue<>();

        @Override
        public BoxedUnit apply(Object place, R result) {
            results.add(result);
            return BoxedUnit.UNIT;
        }
    }

    private static final class Nothing extends AbstractFunction0<Object> {
        @Override
        public Object apply() {
            return BoxedUnit.UNIT;
        }
    }

    /** @param partitions the numbers of those that are worked on, in the order in which they are asked for */
    Submitted(SparkContext context, RDD<InternalRow> rows, Function1<Iterator<InternalRow>, R> task, List<Object> partitions) {
        job = context.submitJob(rows, task, CollectionConverters.asScala(partitions).toSeq(), arrivals, new Nothing());
    }

    /** Whether all results have arrived. */
    boolean isCompleted() {
        return job.isCompleted();
    }

    /** The next result, or null if none comes within so many milliseconds. */
    @Nullable
    R poll(long milliseconds) throws InterruptedException {
        return arrivals.results.poll(milliseconds, TimeUnit.MILLISECONDS);
    }

    void cancel() {
        job.cancel();
    }

    /** Waits for the end, and throws what has gone wrong. */
    void await() throws InterruptedException {
        try {
            Await.ready(job, Duration.Inf());
        } catch (TimeoutException e) {
            throw new IllegalStateException("what waits without an end has ended", e);
        }
        job.value().get().get();
    }
}
