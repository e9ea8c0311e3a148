package org.sallyport.console;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What a form of ours has in it and a form of somebody else's has not, so that no other page has an operator's browser do
 * something: a seal of the user's name and the hour, under a key that nobody else has. Good for an hour at least, two at most.
 * Thread-safe.
 */
final class Tokens {
    private static final String ALGORITHM = "HmacSHA256";
    private static final long HOUR = 3_600_000;

    private final SecretKeySpec key;
    private final LongSupplier clock;

    /** @param clock milliseconds */
    Tokens(LongSupplier clock) {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        this.key = new SecretKeySpec(random, ALGORITHM);
        this.clock = clock;
    }

    String of(String user) {
        return seal(user, clock.getAsLong() / HOUR);
    }

    boolean isGood(String user, @Nullable String token) {
        long hour = clock.getAsLong() / HOUR;
        return token != null && (isSame(token, seal(user, hour)) | isSame(token, seal(user, hour - 1)));
    }

    private static boolean isSame(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    private String seal(String user, long hour) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return HexFormat.of().formatHex(mac.doFinal((hour + "\n" + user).getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }
}
