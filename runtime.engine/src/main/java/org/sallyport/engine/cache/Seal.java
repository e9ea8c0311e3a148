package org.sallyport.engine.cache;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

import org.sallyport.ArtefactKey;

/**
 * HMAC-SHA-256 (RFC 2104) behind what it vouches for. Written out over {@link MessageDigest}, because
 * {@code javax.crypto.Mac} costs a fresh JVM 50 ms and more to find its providers.
 */
public final class Seal {
    public static final int BYTES = 32;

    private static final int BLOCK = 64;
    private static final byte INNER = 0x36;
    private static final byte OUTER = 0x5c;

    private Seal() {}

    /** The bytes with their seal behind them. */
    public static byte[] close(byte[] contents, ArtefactKey key) {
        byte[] sealed = Arrays.copyOf(contents, Math.addExact(contents.length, BYTES));
        System.arraycopy(of(contents, contents.length, key), 0, sealed, contents.length, BYTES);
        return sealed;
    }

    /** Whether the last bytes are the seal of all that come before them. */
    static boolean isWhole(byte[] sealed, ArtefactKey key) {
        int length = sealed.length - BYTES;
        return length >= 0
                && MessageDigest.isEqual(
                        Arrays.copyOfRange(sealed, length, sealed.length), of(sealed, length, key));
    }

    /** HMAC-SHA-256 of the first {@code length} bytes. */
    public static byte[] of(byte[] bytes, int length, ArtefactKey key) {
        MessageDigest digest = digest();
        byte[] secret = key.secret();
        byte[] block = Arrays.copyOf(secret.length > BLOCK ? digest.digest(secret) : secret, BLOCK);
        digest.update(pad(block, INNER));
        digest.update(bytes, 0, length);
        byte[] inner = digest.digest();
        digest.update(pad(block, OUTER));
        return digest.digest(inner);
    }

    private static byte[] pad(byte[] block, byte with) {
        byte[] padded = block.clone();
        for (int i = 0; i < padded.length; i++) {
            padded[i] ^= with;
        }
        return padded;
    }

    static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
