package org.sallyport.host.impl;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * Describes a configuration of the factory {@value org.sallyport.host.Grant#FACTORY_PID} to tools; {@link GrantReader} reads
 * it. Declarative Services does not see this type: it would convert what cannot be read whole, and defaults would be
 * properties of the component, which a key in other case ({@code Allow}) keeps from being enabled, with all grants.
 */
@ObjectClassDefinition(name = "Sallyport grant", description = "What one plugin may use, offer and take")
@interface GrantConfig {
    @AttributeDefinition(description = "Id of the plugin; a trailing * matches any rest")
    String plugin();

    @AttributeDefinition(
            required = false,
            description = "Only if its bundle's location, or its file's address, is this; * matches anything")
    String location();

    @AttributeDefinition(
            required = false,
            description = "Only if this is the SHA-256 of its module: 64 hexadecimal digits")
    String digest();

    @AttributeDefinition(
            required = false,
            description = "Only if its bundle is signed so: a pattern for a chain of distinguished names, such as"
                    + " CN=*,O=ACME,C=US;-")
    String signer();

    @AttributeDefinition(
            required = false,
            description = "LDAP filter over the properties of host module services, such as (sallyport.module=log)")
    String allow();

    @AttributeDefinition(
            required = false,
            description = "Names of the functions of those services that it may call; without any, all")
    String[] functions();

    @AttributeDefinition(
            required = false,
            description = "Java interfaces under which it may be a service, such as com.acme.Discount or com.acme.*")
    String[] offer();

    @AttributeDefinition(required = false, description = "Highest service ranking that it may ask for")
    int ranking();

    @AttributeDefinition(required = false, description = "Names of service properties that it may set")
    String[] properties();

    @AttributeDefinition(
            required = false,
            description = "Of what it offers, the interfaces by which Remote Services may offer it to other frameworks;"
                    + " export.NAME is a service property for whoever exports it")
    String[] export();

    @AttributeDefinition(required = false, description = "Longest time of one call in milliseconds; 0: no limit")
    long timeout();

    @AttributeDefinition(
            required = false,
            description = "Instructions that one call may execute; 0: no limit. The engine must count them")
    long fuel();

    @AttributeDefinition(required = false, description = "Memory of one instance in bytes")
    long memory();

    @AttributeDefinition(
            required = false,
            description = "Java heap bytes for the exceptions that one instance refers to")
    long exceptions();

    @AttributeDefinition(
            required = false,
            description = "Failures after which it is quarantined; 0: never; without it, as the plugin host has it")
    int max$_$traps();

    @AttributeDefinition(
            required = false,
            description = "Whether its memories may be of a shared type, which others can use, too")
    boolean shared$_$memory();

    @AttributeDefinition(
            required = false,
            description = "enforce (without it, too): what is beyond a budget is refused; observe: it is told of")
    String budget();

    @AttributeDefinition(required = false, description = "Memory of all its instances in bytes")
    long budget_memory();

    @AttributeDefinition(required = false, description = "Live instances")
    int budget_instances();

    @AttributeDefinition(required = false, description = "Processor time of one call in milliseconds")
    long budget_call$_$cpu();

    @AttributeDefinition(required = false, description = "Processor time of all calls in a minute, in milliseconds")
    long budget_minute$_$cpu();

    @AttributeDefinition(required = false, description = "Host calls in a second")
    long budget_host$_$calls();

    @AttributeDefinition(
            required = false,
            description = "Log lines in a second: calls of host modules with the property sallyport.log=true")
    long budget_log$_$lines();
}
