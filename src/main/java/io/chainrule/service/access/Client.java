package io.chainrule.service.access;

/**
 * Who sent a request.
 *
 * @param name the id of a key or the subject of a token, with a prefix that says which, or an address
 * @param quotas how much it may have
 */
public record Client(String name, Quotas quotas) {
    /** The most characters of a name. */
    public static final int LONGEST_NAME = 100;

    private static final int BEGINNING = 40;

    /** Names are kept for hours, and may come from a header or a token: of a long one its beginning and its hash stand for it. */
    public Client {
        name = shortened(name);
    }

    /** The name itself, or if it is long, one of at most {@link #LONGEST_NAME} characters that no other name has. */
    public static String shortened(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, BEGINNING) + "#" + ApiKeys.hash(name).substring(0, BEGINNING);
    }
}
