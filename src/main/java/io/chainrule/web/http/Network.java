package io.chainrule.web.http;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** The addresses that one client may have. */
public final class Network {
    private static final int BYTES = 16;
    private static final int BYTES_OF_NETWORK = 8;

    private Network() {}

    /** The address itself, or of an IPv6 address its network, {@code 2001:db8:0:0:0:0:0:0/64}: whoever has one has all of that network. */
    public static String of(String address) {
        try {
            return address.indexOf(':') < 0 ? address : of(InetAddress.ofLiteral(address));
        } catch (IllegalArgumentException _) {
            return address;
        }
    }

    /** Whether two addresses are of one client. */
    static boolean isOne(InetAddress one, InetAddress other) {
        return one instanceof Inet6Address && other instanceof Inet6Address
                ? Arrays.equals(one.getAddress(), 0, BYTES_OF_NETWORK, other.getAddress(), 0, BYTES_OF_NETWORK)
                : one.equals(other);
    }

    static String of(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address.getHostAddress();
        }
        try {
            byte[] network = Arrays.copyOf(Arrays.copyOf(address.getAddress(), BYTES_OF_NETWORK), BYTES);
            return InetAddress.getByAddress(network).getHostAddress() + "/" + Byte.SIZE * BYTES_OF_NETWORK;
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
