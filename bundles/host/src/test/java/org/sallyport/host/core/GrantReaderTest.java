package org.sallyport.host.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrantReaderTest {
    static ConfiguredGrant grant(String... keysAndValues) {
        Map<String, Object> properties = new HashMap<>(Map.of("service.pid", "test", "plugin", "pay"));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            properties.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return new ConfiguredGrant(properties, GrantSyntax.PLAIN);
    }

    @Test
    void numbersAreRead() {
        ConfiguredGrant grant = grant("timeout", "50", "memory", " 1024", "exceptions", "0 ", "max-traps", "0", "ranking", "7");

        assertThat(grant.problem()).isNull();
        assertThat(grant.timeout()).isEqualTo(Duration.ofMillis(50));
        assertThat(grant.memoryBytes()).isEqualTo(1024);
        assertThat(grant.exceptionBytes()).isZero();
        assertThat(grant.maxTraps()).isZero();
        assertThat(grant.ranking()).isEqualTo(7);
    }

    @Test
    void sharingIsGrantedInSoManyWords() {
        assertThat(grant().sharedMemory()).isFalse();
        assertThat(grant("shared-memory", "false").sharedMemory()).isFalse();
        assertThat(grant("shared-memory", "true").sharedMemory()).isTrue();
        assertThat(grant("shared-memory", "yes").problem()).startsWith("shared-memory must be true or false");
    }

    @Test
    void withoutNumbersNothingIsLimited() {
        assertThat(grant().problem()).isNull();
        assertThat(grant().timeout()).isNull();
        assertThat(grant().fuel()).isEqualTo(-1);
        assertThat(grant("fuel", "0").fuel()).as("no limit by this grant").isEqualTo(-1);
        assertThat(grant("fuel", "9223372036854775807").fuel()).isEqualTo(Long.MAX_VALUE);
        assertThat(grant().memoryBytes()).isEqualTo(-1);
        assertThat(grant().exceptionBytes()).isEqualTo(-1);
        assertThat(grant().maxTraps()).isEqualTo(-1);
        assertThat(grant("timeout", "0").timeout()).as("no limit by this grant").isNull();
    }

    @Test
    void mistypedKeysRefuseTheGrant() {
        assertThat(grant("Allow", "(a=b)").problem()).isEqualTo("write allow instead of Allow");
        assertThat(grant("allow", "(a=").problem()).startsWith("allow is no LDAP filter: expected \")\" at character 4");
    }

    /** Nobody verifies signatures there: a condition that cannot be checked must not be passed over. */
    @Test
    void signersAreForFrameworksThatKnowThem() {
        assertThat(grant("signer", "*").problem()).startsWith("signer is no pattern for a chain of distinguished names: signers"
                + " are verified in OSGi only");
    }

    @ParameterizedTest
    @CsvSource({
        "export, com/acme, export must be names of interfaces",
        "export.service.exported.interfaces, *, export.service.exported.interfaces is not for grants to say",
        "export.sallyport.plugin, other, export.sallyport.plugin is not for grants to say",
        "export., x, write export instead of export.",
    })
    void exportsThatAreNone(String key, String value, String told) {
        assertThat(grant(key, value).problem()).startsWith(told);
    }

    @ParameterizedTest
    @CsvSource({
        "fuel, -5, 'fuel must be a number from 0, found \"-5\"'",
        "fuel, much, 'fuel must be a number from 0, found \"much\"'",
        "fuel, 9223372036854775808, 'fuel must be a number from 0, found '",
        "timeout, -5, 'timeout must be a number from 0 to 1000000000000, found \"-5\"'",
        "timeout, 9223372036854775807, 'timeout must be a number from 0 to 1000000000000, found '",
        "timeout, '', 'timeout must be a number from 0 to 1000000000000, found \"\"'",
        "memory, -1, 'memory must be a number from 0, found \"-1\"'",
        "memory, 16m, 'memory must be a number from 0, found \"16m\"'",
        "exceptions, -1, 'exceptions must be a number from 0, found \"-1\"'",
        "exceptions, 1m, 'exceptions must be a number from 0, found \"1m\"'",
        "max-traps, -3, 'max-traps must be a number from 0 to 2147483647, found \"-3\"'",
        "max-traps, 3000000000, 'max-traps must be a number from 0 to 2147483647, found '",
        "ranking, high, 'ranking must be a number from 0 to 2147483647, found \"high\"'",
        "ranking, -1, 'ranking must be a number from 0 '",
    })
    void numbersThatMakeNoSenseRefuseTheGrant(String key, String value, String problem) {
        ConfiguredGrant grant = grant(key, value, "allow", "(sallyport.module=log)");

        assertThat(grant.problem()).startsWith(problem);
        assertThat(grant.allow()).isNull();
        assertThat(grant.appliesTo("pay", GrantTermsTest.ORIGIN)).isFalse();
    }
}
