package io.chainrule.service.access;

/**
 * Who sent a request.
 *
 * @param name the id of a key or the subject of a token, with a prefix that says which, or an address
 * @param quotas how much it may have
 */
public record Client(String name, Quotas quotas) {
    private static final int LONGEST = 100;
    private static final int BEGINNING = 40;

    /** Names are kept for hours, and may come from a header or a token: of a long one its beginning and its hash stand for it. */
    public Client {
        if (name.length() > LONGEST) {
            name = name.substring(0, BEGINNING) + "#" + ApiKeys.hash(name).substring(0, BEGINNING);
        }
    }
}
