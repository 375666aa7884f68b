package io.chainrule.service.store;

import io.chainrule.service.run.OverloadedException;
import java.time.Duration;

/**
 * What is known of a file that is being sent.
 *
 * @param bytes its length if that is told, or else what has come so far
 * @param isWhole whether {@code bytes} is its length, as the client has told it
 * @param ofOwner the bytes of all files of its kind that its owner sends now, or that have come and are not stored yet; with its own
 */
public record ArrivingFile(long bytes, boolean isWhole, long ofOwner) {
    private static final Duration UNTIL_OTHERS_END = Duration.ofSeconds(5);

    /**
     * Throws {@link OverloadedException} if this file has no room beside others that its owner sends. These may be refused, or take no room
     * because they are stored already, so that a later try may succeed.
     *
     * @param property sets the quota
     * @param stored the bytes that the owner has stored
     */
    public void checkBesideOthers(String property, long stored, long quota) {
        if (ofOwner > bytes && stored + ofOwner > quota) {
            throw new OverloadedException(OverloadedException.Resource.UPLOADS,
                    "the files that you send at once have no room together in your quota (" + property + ")", UNTIL_OTHERS_END);
        }
    }
}
