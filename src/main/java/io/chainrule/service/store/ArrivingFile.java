package io.chainrule.service.store;

/**
 * What is known of a file that is being sent.
 *
 * @param bytes its length if that is told, or else what has come so far
 * @param isWhole whether these are all of its bytes
 * @param ofOwner the bytes of all files of its kind that its owner sends now, or that have come and are not stored yet; with its own
 */
public record ArrivingFile(long bytes, boolean isWhole, long ofOwner) {}
