import type { Field } from "./shape.ts";
import {
  always,
  BOOLEAN,
  INT_OR_STRING,
  INT32,
  INT64,
  listOf,
  mapOf,
  nonEmpty,
  nullable,
  objectOf,
  present,
  QUANTITY,
  STRING,
} from "./shape.ts";

// core/v1 as of Kubernetes 1.32, and frozen there: a newer field in these tables would move every hash.

export const FIELD_REF = objectOf(nonEmpty("apiVersion", STRING), always("fieldPath", STRING));

export const RESOURCE_FIELD_REF = objectOf(
  nonEmpty("containerName", STRING),
  always("resource", STRING),
  always("divisor", QUANTITY),
);

export const RESOURCE_LIST = mapOf(QUANTITY, "resource names to quantities");

const OPTIONAL_NAME = objectOf(nonEmpty("name", STRING), present("optional", BOOLEAN));
const OPTIONAL_KEY = objectOf(nonEmpty("name", STRING), always("key", STRING), present("optional", BOOLEAN));

const PORT = objectOf(
  nonEmpty("name", STRING),
  nonEmpty("hostPort", INT32),
  always("containerPort", INT32),
  nonEmpty("protocol", STRING),
  nonEmpty("hostIP", STRING),
);

const ENV_FROM = objectOf(
  nonEmpty("prefix", STRING),
  present("configMapRef", OPTIONAL_NAME),
  present("secretRef", OPTIONAL_NAME),
);

const ENV = objectOf(
  always("name", STRING),
  nonEmpty("value", STRING),
  present(
    "valueFrom",
    objectOf(
      present("fieldRef", FIELD_REF),
      present("resourceFieldRef", RESOURCE_FIELD_REF),
      present("configMapKeyRef", OPTIONAL_KEY),
      present("secretKeyRef", OPTIONAL_KEY),
    ),
  ),
);

const RESOURCES = objectOf(
  nonEmpty("limits", RESOURCE_LIST),
  nonEmpty("requests", RESOURCE_LIST),
  nonEmpty("claims", listOf(objectOf(always("name", STRING), nonEmpty("request", STRING)))),
);

const VOLUME_MOUNT = objectOf(
  always("name", STRING),
  nonEmpty("readOnly", BOOLEAN),
  present("recursiveReadOnly", STRING),
  always("mountPath", STRING),
  nonEmpty("subPath", STRING),
  present("mountPropagation", STRING),
  nonEmpty("subPathExpr", STRING),
);

const EXEC = objectOf(nonEmpty("command", listOf(STRING)));

const HTTP_GET = objectOf(
  nonEmpty("path", STRING),
  always("port", INT_OR_STRING),
  nonEmpty("host", STRING),
  nonEmpty("scheme", STRING),
  nonEmpty("httpHeaders", listOf(objectOf(always("name", STRING), always("value", STRING)))),
);

const TCP_SOCKET = objectOf(always("port", INT_OR_STRING), nonEmpty("host", STRING));

const PROBE = objectOf(
  present("exec", EXEC),
  present("httpGet", HTTP_GET),
  present("tcpSocket", TCP_SOCKET),
  present("grpc", objectOf(always("port", INT32), nullable("service", STRING))),
  nonEmpty("initialDelaySeconds", INT32),
  nonEmpty("timeoutSeconds", INT32),
  nonEmpty("periodSeconds", INT32),
  nonEmpty("successThreshold", INT32),
  nonEmpty("failureThreshold", INT32),
  present("terminationGracePeriodSeconds", INT64),
);

const LIFECYCLE_HANDLER = objectOf(
  present("exec", EXEC),
  present("httpGet", HTTP_GET),
  present("tcpSocket", TCP_SOCKET),
  present("sleep", objectOf(always("seconds", INT64))),
);

const PROFILE = objectOf(always("type", STRING), present("localhostProfile", STRING));

const SECURITY_CONTEXT = objectOf(
  present("capabilities", objectOf(nonEmpty("add", listOf(STRING)), nonEmpty("drop", listOf(STRING)))),
  present("privileged", BOOLEAN),
  present(
    "seLinuxOptions",
    objectOf(nonEmpty("user", STRING), nonEmpty("role", STRING), nonEmpty("type", STRING), nonEmpty("level", STRING)),
  ),
  present(
    "windowsOptions",
    objectOf(
      present("gmsaCredentialSpecName", STRING),
      present("gmsaCredentialSpec", STRING),
      present("runAsUserName", STRING),
      present("hostProcess", BOOLEAN),
    ),
  ),
  present("runAsUser", INT64),
  present("runAsGroup", INT64),
  present("runAsNonRoot", BOOLEAN),
  present("readOnlyRootFilesystem", BOOLEAN),
  present("allowPrivilegeEscalation", BOOLEAN),
  present("procMount", STRING),
  present("seccompProfile", PROFILE),
  present("appArmorProfile", PROFILE),
);

export const CONTAINER_FIELDS: readonly Field[] = [
  always("name", STRING),
  nonEmpty("image", STRING),
  nonEmpty("command", listOf(STRING)),
  nonEmpty("args", listOf(STRING)),
  nonEmpty("workingDir", STRING),
  nonEmpty("ports", listOf(PORT)),
  nonEmpty("envFrom", listOf(ENV_FROM)),
  nonEmpty("env", listOf(ENV)),
  always("resources", RESOURCES),
  nonEmpty("resizePolicy", listOf(objectOf(always("resourceName", STRING), always("restartPolicy", STRING)))),
  present("restartPolicy", STRING),
  nonEmpty("volumeMounts", listOf(VOLUME_MOUNT)),
  nonEmpty("volumeDevices", listOf(objectOf(always("name", STRING), always("devicePath", STRING)))),
  present("livenessProbe", PROBE),
  present("readinessProbe", PROBE),
  present("startupProbe", PROBE),
  present("lifecycle", objectOf(present("postStart", LIFECYCLE_HANDLER), present("preStop", LIFECYCLE_HANDLER))),
  nonEmpty("terminationMessagePath", STRING),
  nonEmpty("terminationMessagePolicy", STRING),
  nonEmpty("imagePullPolicy", STRING),
  present("securityContext", SECURITY_CONTEXT),
  nonEmpty("stdin", BOOLEAN),
  nonEmpty("stdinOnce", BOOLEAN),
  nonEmpty("tty", BOOLEAN),
];
