package org.sallyport.host.impl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.sallyport.host.PluginOrigin;

/** Signers of a bundle, by a certificate that the JDK's own tool has made, and grants that name them. */
class OriginsTest {
    @TempDir
    Path folder;

    private X509Certificate certificate;

    @BeforeEach
    void makeCertificate() throws Exception {
        Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        assumeTrue(Files.isExecutable(tool), tool + " is not there: needs a JDK");
        Path keys = folder.resolve("keys");
        Process process = new ProcessBuilder(
                        tool.toString(), "-genkeypair", "-alias", "acme", "-dname", "CN=Plugin Builds, O=ACME, C=US",
                        "-keyalg", "EC", "-keystore", keys.toString(), "-storepass", "secret")
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
        try (InputStream in = Files.newInputStream(keys)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, "secret".toCharArray());
            certificate = (X509Certificate) store.getCertificate("acme");
        }
    }

    /** @param trust which kind of signers the framework answers for */
    private PluginOrigin origin(int trust) {
        Bundle bundle = (Bundle) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Bundle.class}, (_, method, args) -> switch (method.getName()) {
                    case "getLocation" -> "file:plugin.jar";
                    case "getSignerCertificates" ->
                        (int) args[0] == trust ? Map.of(certificate, List.of(certificate)) : Map.of();
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        return Origins.of(bundle, new byte[] {1});
    }

    private boolean applies(String signer, int trust) {
        return new GrantComponent(Map.of("service.pid", "test", "plugin", "pay", "signer", signer))
                .appliesTo("pay", origin(trust));
    }

    @Test
    void grantIsForTrustedSignersOnly() {
        assertThat(origin(Bundle.SIGNERS_TRUSTED).signers()).containsExactly(List.of("CN=Plugin Builds,O=ACME,C=US"));
        for (String meant : List.of("CN=Plugin Builds,O=ACME,C=US", "CN=*, O=ACME, C=US", "*,C=US", "*", "CN=*,O=ACME,C=US;-")) {
            assertThat(applies(meant, Bundle.SIGNERS_TRUSTED)).as(meant).isTrue();
            assertThat(applies(meant, Bundle.SIGNERS_ALL)).as("%s, not trusted", meant).isFalse();
        }
        for (String other : List.of("CN=*,O=OTHER,C=US", "CN=Plugin Builds,O=ACME", "O=ACME,C=US", "CN=*,O=ACME,C=US;CN=Root")) {
            assertThat(applies(other, Bundle.SIGNERS_TRUSTED)).as(other).isFalse();
        }
    }
}
