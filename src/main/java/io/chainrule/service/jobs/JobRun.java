package io.chainrule.service.jobs;

import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.store.StoreUnavailableException;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a job, as its kind sees it. {@link #check} throws {@link JobStoppedException} if the attempt has to end. Any thread that
 * works for the job may call these methods.
 */
public interface JobRun extends Checkpoint {
    /** Stands for the seconds that are left where nobody knows how long the job is. */
    double NOT_KNOWN = -1;

    /**
     * Whether an exception ends an attempt alone, and not the job: the attempt is stopped, or the service lacks something for now. A kind
     * throws such an exception on, instead of putting it into its answer, since another attempt may succeed.
     */
    static boolean endsAttempt(RuntimeException cause) {
        return cause instanceof CancellationException || cause instanceof StoreUnavailableException
                || cause instanceof OverloadedException;
    }

    /** The id of the job. */
    String id();

    /** The state that an earlier attempt stored last; null to begin, and once this attempt has stored one. */
    byte @Nullable [] earlier();

    /** Whether {@link #state} is to be called now. */
    boolean wantsState();

    /** Stores a state from which another attempt may go on, together with the progress so far. */
    void state(byte[] state);

    /** Tells how many units of work were done in the state from which this attempt resumes. Called before any progress. */
    void resumed(long done);

    /**
     * Tells the progress.
     *
     * @param done units of work, those of earlier attempts included
     * @param total units of work if nothing ends the job early
     * @param secondsLeft an estimate; less than 0 if nothing is known
     * @param latest writes what was measured last as JSON; null if there is nothing to tell
     */
    void progress(long done, long total, double secondsLeft, @Nullable Supplier<String> latest);

    /** The version of the model or the data set that the job has stored; 0 if it has stored none. It is not stored again. */
    int stored();

    /**
     * Stores a version of a model or a data set. To be called within the transaction that stores it, so that this attempt is the latest one
     * until then. Later attempts are told the version, and the job cannot be cancelled any more. Throws {@link JobStoppedException} if
     * another attempt has begun, or the job was cancelled.
     *
     * @param work stores the version
     * @param version the number of the version that was stored
     * @param state from which a later attempt makes the answer without the data that the work has read; null if there is no such state
     */
    <T> T storing(Supplier<T> work, ToIntFunction<T> version, byte @Nullable [] state);

    /**
     * Does work that only the latest attempt may do, such as to remove what earlier ones have left. No other attempt begins until it is
     * done, unless this process stands still for so long that the database ends the transaction: then the work goes on later, and must not
     * harm what another attempt has made meanwhile. Throws as {@link #storing}.
     */
    void alone(Runnable work);

    /**
     * Stores what the attempt has made, and tries it again while the store is away, so that it need not be made again. Throws
     * {@link JobStoppedException} if the attempt has to end meanwhile.
     *
     * @param work runs in each try. It has to ask {@link #stored}, since an earlier try may have stored without receiving the answer
     */
    <T> T untilStored(Supplier<T> work);

    /**
     * Tells that something begins to go wrong; {@code json} is a diagnostic. The attempt stores it within about a second, or earlier
     * together with a state or with its end.
     */
    void diagnostic(String json);
}
