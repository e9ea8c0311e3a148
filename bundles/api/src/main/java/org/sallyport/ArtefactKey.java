package org.sallyport;

import java.util.Arrays;

/**
 * Secret with which compiled artefacts are authenticated (HMAC-SHA-256). Whoever knows it can make the engine run any
 * machine code.
 */
public final class ArtefactKey {
    private final byte[] secret;

    /** @param secret at least 32 bytes, copied */
    public ArtefactKey(byte[] secret) {
        if (secret.length < 32) {
            throw new IllegalArgumentException("an artefact key needs 32 bytes, got " + secret.length);
        }
        this.secret = secret.clone();
    }

    /** A copy of the secret. */
    public byte[] secret() {
        return secret.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ArtefactKey key && java.security.MessageDigest.isEqual(secret, key.secret);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(secret);
    }

    @Override
    public String toString() {
        return "ArtefactKey";
    }
}
