package org.sallyport.host.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.FrameworkUtil;
import org.sallyport.host.Budget;
import org.sallyport.host.PluginOrigin;

class GrantTermsTest {
    private static final String DIGEST = "ab".repeat(32);
    static final PluginOrigin ORIGIN = new PluginOrigin(
            "file:/srv/plugins/pay.wasm",
            DIGEST,
            List.of(List.of("CN=Builds, O=ACME, C=US", "CN=Root, O=Trust, C=US"), List.of("CN=Other, O=Other, C=DE")));

    /** As in a framework. */
    private static final GrantSyntax SYNTAX = new GrantSyntax() {
        @Override
        public void checkFilter(String filter) {}

        @Override
        public void checkSigner(String pattern) {}

        @Override
        public boolean isSignedBy(String pattern, List<String> chain) {
            return FrameworkUtil.matchDistinguishedNameChain(pattern, chain);
        }
    };

    private static GrantTerms terms(String plugin, String location, String digest, String signer) {
        return new GrantTerms(
                plugin, location, digest, signer, null, Set.of(), Set.of(), 0, Set.of(), Export.NONE, null, -1, -1, -1,
                -1, false, Budget.NONE, Map.of(), "test", null, SYNTAX);
    }

    @ParameterizedTest
    @CsvSource({
        "file:/srv/plugins/pay.wasm, true",
        "file:/srv/plugins/*, true",
        "*pay.wasm, true",
        "*, true",
        "**, true",
        "file:*plug*pay*, true",
        "file:/srv/plugins/pay.wasm*, true",
        "file:/srv/plugins/pay, false",
        "srv/plugins/*, false",
        "*pay, false",
        "file:*pay*plug*, false",
        "file:/srv/plugins/pay.wasm*pay.wasm, false",
        "file:/srv/.*, false",
    })
    void starsOfALocationMatchAnything(String pattern, boolean matches) {
        assertThat(terms("pay", pattern, "", "").appliesTo("pay", ORIGIN)).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource({
        "'CN=Builds,O=ACME,C=US;*', true",
        "'*,O=ACME,C=US;-', true",
        "'-;CN=Root,O=Trust,C=US', true",
        "'*,C=DE', true",
        "'CN=Builds,O=ACME,C=US', false",
        "'CN=Root,O=Trust,C=US;-', false",
    })
    void oneOfTheSignersMustMatchAsAChain(String pattern, boolean matches) {
        assertThat(terms("pay", "", "", pattern).appliesTo("pay", ORIGIN)).isEqualTo(matches);
        assertThat(terms("pay", "", "", pattern).appliesTo("pay", new PluginOrigin("x", DIGEST, List.of())))
                .as("unsigned").isFalse();
    }

    @Test
    void allThatIsThereMustMatch() {
        assertThat(terms("pay", "file:*", DIGEST, "*,C=DE").appliesTo("pay", ORIGIN)).isTrue();
        assertThat(terms("pa*", "file:*", DIGEST, "*,C=DE").appliesTo("pay", ORIGIN)).isTrue();
        assertThat(terms("pay2", "file:*", DIGEST, "*,C=DE").appliesTo("pay", ORIGIN)).isFalse();
        assertThat(terms("pay", "http:*", DIGEST, "*,C=DE").appliesTo("pay", ORIGIN)).isFalse();
        assertThat(terms("pay", "file:*", "00".repeat(32), "*,C=DE").appliesTo("pay", ORIGIN)).isFalse();
        assertThat(terms("pay", "file:*", DIGEST, "*,C=FR").appliesTo("pay", ORIGIN)).isFalse();
    }

    @Test
    void idInFullAndAnOriginConfirm() {
        assertThat(terms("pay", "file:*", "", "").confirms("pay", ORIGIN)).isTrue();
        assertThat(terms("pay", "", DIGEST, "").confirms("pay", ORIGIN)).isTrue();
        assertThat(terms("pay", "", "", "").confirms("pay", ORIGIN)).isFalse();
        assertThat(terms("pa*", "file:*", "", "").confirms("pay", ORIGIN)).isFalse();
        assertThat(terms("pay", "http:*", "", "").confirms("pay", ORIGIN)).isFalse();
    }

    @Test
    void nothingAppliesToNobody() {
        for (String plugin : List.of("", "pay", "*")) {
            assertThat(GrantTerms.none(plugin, "x", "why").appliesTo("", ORIGIN)).isFalse();
            assertThat(GrantTerms.none(plugin, "x", "why").appliesTo("pay", ORIGIN)).isFalse();
            assertThat(GrantTerms.none(plugin, "x", "why").confirms("pay", ORIGIN)).isFalse();
        }
    }

    /** Whoever installs by the shell says where from; it is the same place as for other ways of installing. */
    @ParameterizedTest
    @CsvSource({
        "file:/srv/plugins/*, sallyport:file:/srv/plugins/pay.wasm, true",
        "sallyport:file:/srv/plugins/*, sallyport:file:/srv/plugins/pay.wasm, true",
        "sallyport:*, sallyport:file:/srv/plugins/pay.wasm, true",
        "sallyport:*, file:/srv/plugins/pay.wasm, false",
        "file:/srv/plugins/*, sallyport:http://example.org/file:/srv/plugins/pay.wasm, false",
        "file:/srv/plugins/*, sallyport:sallyport:file:/srv/plugins/pay.wasm, false",
        "file:/srv/plugins/*, other:file:/srv/plugins/pay.wasm, false",
    })
    void installedByTheShellIsAtTheAddressItCameFrom(String pattern, String location, boolean matches) {
        PluginOrigin origin = new PluginOrigin(location, DIGEST, List.of());

        assertThat(terms("pay", pattern, "", "").appliesTo("pay", origin)).isEqualTo(matches);
        assertThat(terms("pay", pattern, "", "").confirms("pay", origin)).isEqualTo(matches);
    }

    @Test
    void whatIsInTheWayOfAGrantIsTold() {
        assertThat(terms("pay", "file:*", DIGEST, "").mismatch("pay", ORIGIN)).isNull();
        assertThat(terms("other", "http:*", "", "").mismatch("pay", ORIGIN)).isNull();
        assertThat(terms("pay", "http:*", "", "").mismatch("pay", ORIGIN))
                .isEqualTo("grant test names the location http:*, and the plugin's is file:/srv/plugins/pay.wasm");
        assertThat(terms("pa*", "", "00".repeat(32), "").mismatch("pay", ORIGIN))
                .isEqualTo("grant test names the digest " + "00".repeat(32) + ", and the plugin's is " + DIGEST);
        assertThat(terms("pay", "", "", "*,C=FR").mismatch("pay", ORIGIN))
                .startsWith("grant test names the signer *,C=FR, and the plugin's is CN=Builds, O=ACME, C=US;CN=Root");
        assertThat(terms("pay", "", "", "*,C=FR").mismatch("pay", new PluginOrigin("x", DIGEST, List.of())))
                .endsWith("and the plugin's is none that the framework trusts");
    }

    @Test
    void grantsThatDoNotApplyAreNamed() {
        Grants grants = new Grants();
        assertThat(grants.absence("pay", ORIGIN)).isEqualTo("there is no grant for plugin pay");

        grants.add(GrantReaderTest.grant("memory", "16m"));
        grants.add(GrantReaderTest.grant("location", "http:*"));
        assertThat(grants.absence("pay", ORIGIN))
                .isEqualTo("no grant for plugin pay applies to it: grant test is REFUSED: memory must be a number from 0,"
                        + " found \"16m\"; grant test names the location http:*, and the plugin's is"
                        + " file:/srv/plugins/pay.wasm");
        assertThat(grants.of("pay", ORIGIN)).isEmpty();
        assertThat(grants.absence("other", ORIGIN)).isEqualTo("there is no grant for plugin other");
    }
}
