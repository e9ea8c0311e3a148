package org.sallyport.host.impl;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * Describes the configuration {@value HostSettings#PID} to tools; {@link HostSettings#of} reads it. Nobody needs to know
 * it; each default is meant to do for a server.
 */
@ObjectClassDefinition(
        name = "Sallyport plugin host",
        description = "What plugins get where no grant says more, and what all of them may take together")
@interface HostConfig {
    @AttributeDefinition(description = "Bytes of all memories of one instance, where no grant names them")
    long memory() default 64L << 20;

    @AttributeDefinition(
            description = "Java heap bytes for the exceptions that one instance refers to, where no grant names them")
    long exceptions() default 1 << 20;

    @AttributeDefinition(description = "Elements of all tables of one instance, and host objects that it may hold")
    long tableElements() default 100_000;

    @AttributeDefinition(description = "Instances of one plugin; a manifest's pool asks for fewer")
    int pool() default 16;

    @AttributeDefinition(description = "Live instances of all plugins together")
    int instances() default 1024;

    @AttributeDefinition(description = "Calls of one plugin that may wait for an instance; further ones fail at once")
    int waitingCalls() default 256;

    @AttributeDefinition(description = "Milliseconds that a call waits for an instance, if its timeout is not shorter")
    long waitMillis() default 10_000;

    @AttributeDefinition(
            description = "Milliseconds for making an instance: its start function and _initialize; not part of the"
                    + " timeout of the call that needs it")
    long startMillis() default 10_000;

    @AttributeDefinition(description = "Milliseconds for compiling a plugin")
    long compileMillis() default 120_000;

    @AttributeDefinition(description = "Bytes of a plugin's module")
    int moduleBytes() default 64 << 20;

    @AttributeDefinition(description = "Different imports of a plugin")
    int imports() default 1_000;

    @AttributeDefinition(description = "Bytes of one string or byte array that comes from a plugin")
    int valueBytes() default 16 << 20;

    @AttributeDefinition(description = "Bytes of all strings and byte arrays that come from a plugin in one call")
    long callBytes() default 256L << 20;
}
