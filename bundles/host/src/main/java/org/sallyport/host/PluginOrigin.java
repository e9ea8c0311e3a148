package org.sallyport.host;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Where a plugin comes from: what its author cannot choose.
 *
 * @param location of the bundle that answers for it, as {@code Bundle.getLocation} has it; of a file, the file's address
 * @param digest SHA-256 of the module's bytes, 64 hexadecimal digits in lower case
 * @param signers of the bundle: for each certificate that the framework trusts, the distinguished names of its chain,
 *     the signer's own first
 */
public record PluginOrigin(String location, String digest, List<List<String>> signers) {
    /** Of a module that nobody signed. */
    public static PluginOrigin of(String location, byte[] wasm) {
        return new PluginOrigin(location, digest(wasm), List.of());
    }

    /** SHA-256 in hexadecimal digits. */
    public static String digest(byte[] wasm) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(wasm));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("BUG: every JDK has SHA-256", e);
        }
    }

    public PluginOrigin {
        signers = signers.stream().map(List::copyOf).toList();
    }

    /** For people: where from, and as much of the digest as tells it from others. */
    @Override
    public String toString() {
        String signed = signers.isEmpty() ? "" : ", signed by " + signers.getFirst().getFirst();
        return location + " (SHA-256 " + digest.substring(0, Math.min(16, digest.length())) + "..." + signed + ")";
    }
}
