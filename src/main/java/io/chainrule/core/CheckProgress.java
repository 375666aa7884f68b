package io.chainrule.core;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Follows a check, and keeps states from which it can go on. */
public interface CheckProgress {
    /** Nobody follows. */
    CheckProgress NONE = new CheckProgress() {
        @Override
        public boolean isFollowed() {
            return false;
        }

        @Override
        public byte @Nullable [] earlier() {
            return null;
        }

        @Override
        public void resumed(long entries) {}

        @Override
        public void checked(long entries, long inAll, Supplier<byte[]> state) {}
    };

    /** Whether it is to be told of progress. Otherwise the check need not stop to tell. */
    default boolean isFollowed() {
        return true;
    }

    /** The state to go on from; null to begin. */
    byte @Nullable [] earlier();

    /** Called before any entry is checked, with the number of entries that the earlier state covers. */
    void resumed(long entries);

    /**
     * Called now and then.
     *
     * @param entries of derivatives that have been checked, with those of earlier attempts
     * @param state writes all that it takes to go on from here; not to be called later
     */
    void checked(long entries, long inAll, Supplier<byte[]> state);
}
