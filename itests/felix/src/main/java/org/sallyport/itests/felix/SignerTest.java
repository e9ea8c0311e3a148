package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.acme.itests.Adder;
import com.acme.itests.Notes;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.sallyport.host.PluginState;

/**
 * Grants with {@code signer=} and bundles that are really signed, where no framework service checks signatures: Felix by
 * itself trusts nobody. A signed bundle has no signer there, and such a grant is for nobody, which the plugin says. How
 * names of trusted signers are compared is in {@code OriginsTest} of the plugin host.
 */
class SignerTest extends PluginTest {
    private static final String DN = "CN=Plugin Builds, O=ACME, C=US";

    @TempDir
    Path folder;

    @BeforeEach
    void offerNotes() {
        offer("notes", Notes.class, (caller, value) -> {});
    }

    private static void jdk(String tool, String... arguments) throws Exception {
        Path program = Path.of(System.getProperty("java.home"), "bin", tool);
        assumeTrue(Files.isExecutable(program), program + " is not there: needs a JDK");
        List<String> command = Stream.concat(Stream.of(program.toString()), Stream.of(arguments)).toList();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close(); // nobody answers questions
        String said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(said).isZero();
    }

    private InputStream signed(InputStream bundle) throws Exception {
        String store = folder.resolve("keys").toString();
        Path jar = folder.resolve("plugin.jar");
        Files.copy(bundle, jar);
        jdk("keytool", "-genkeypair", "-alias", "acme", "-dname", DN, "-keyalg", "EC", "-keystore", store,
                "-storepass", "secret", "-validity", "10");
        jdk("jarsigner", "-keystore", store, "-storepass", "secret", jar.toString(), "acme");
        return new ByteArrayInputStream(Files.readAllBytes(jar));
    }

    @Test
    void signerThatTheFrameworkDoesNotTrustIsNone() throws Exception {
        Bundle bundle = startAt("test:signed", signed(PluginBundles.bundle(
                "test.signed", "signed" + services(Adder.class), PluginBundles.wasm("adder"))));
        assertThat(bundle.getSignerCertificates(Bundle.SIGNERS_TRUSTED)).isEmpty();
        assertThat(plugin("signed").origin().signers()).isEmpty();

        grant("signed", "(sallyport.module=notes)", "signer", "*;-");
        grant("signed", "(sallyport.module=notes)", "signer", "CN=Plugin Builds,O=ACME,C=US");
        eventually(() -> plugin("signed").unsatisfied().getFirst().reason().contains(
                "names the signer CN=Plugin Builds,O=ACME,C=US, and the plugin's is none that the framework trusts"));
        stays(() -> plugin("signed").state() == PluginState.UNSATISFIED);
        assertThat(run("plugin signed")).contains("signers []");
    }

    /** Nor is a jar that was changed after it was signed. */
    @Test
    void tamperedBundleHasNoSigner() throws Exception {
        byte[] jar = signed(PluginBundles.bundle(
                        "test.signed", "signed" + services(Adder.class), PluginBundles.wasm("adder"))).readAllBytes();
        Path file = Files.write(folder.resolve("changed.jar"), jar);
        try (var zip = java.nio.file.FileSystems.newFileSystem(file)) {
            Files.write(zip.getPath("code/plugin.wasm"), PluginBundles.wasm("worker"));
        }
        grant("signed", "(sallyport.module=notes)", "signer", "*;-");
        Bundle bundle;
        try {
            bundle = startAt("test:signed", Files.newInputStream(file));
        } catch (org.osgi.framework.BundleException e) {
            return; // a framework that looks refuses it as a whole
        }
        assertThat(bundle.getSignerCertificates(Bundle.SIGNERS_TRUSTED)).isEmpty();
        stays(() -> host.plugin("signed").map(plugin -> plugin.state() == PluginState.UNSATISFIED).orElse(true));
    }
}
