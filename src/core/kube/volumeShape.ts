import { FIELD_REF, RESOURCE_FIELD_REF, RESOURCE_LIST } from "./containerShape.ts";
import { LABEL_SELECTOR, OBJECT_META } from "./metadataShape.ts";
import type { Field, Shape } from "./shape.ts";
import {
  always,
  BOOLEAN,
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

// core/v1 Volume as of Kubernetes 1.32, and frozen there like the container.

const SECRET_REF = objectOf(nonEmpty("name", STRING));
const FS_TYPE = nonEmpty("fsType", STRING);
const READ_ONLY = nonEmpty("readOnly", BOOLEAN);

const ITEMS = nonEmpty(
  "items",
  listOf(objectOf(always("key", STRING), always("path", STRING), present("mode", INT32))),
);

const DOWNWARD_ITEMS = nonEmpty(
  "items",
  listOf(
    objectOf(
      always("path", STRING),
      present("fieldRef", FIELD_REF),
      present("resourceFieldRef", RESOURCE_FIELD_REF),
      present("mode", INT32),
    ),
  ),
);

const PROJECTION = objectOf(
  present("secret", objectOf(nonEmpty("name", STRING), ITEMS, present("optional", BOOLEAN))),
  present("downwardAPI", objectOf(DOWNWARD_ITEMS)),
  present("configMap", objectOf(nonEmpty("name", STRING), ITEMS, present("optional", BOOLEAN))),
  present(
    "serviceAccountToken",
    objectOf(nonEmpty("audience", STRING), present("expirationSeconds", INT64), always("path", STRING)),
  ),
  present(
    "clusterTrustBundle",
    objectOf(
      present("name", STRING),
      present("signerName", STRING),
      present("labelSelector", LABEL_SELECTOR),
      present("optional", BOOLEAN),
      always("path", STRING),
    ),
  ),
);

const CLAIM_SPEC = objectOf(
  nonEmpty("accessModes", listOf(STRING)),
  present("selector", LABEL_SELECTOR),
  always("resources", objectOf(nonEmpty("limits", RESOURCE_LIST), nonEmpty("requests", RESOURCE_LIST))),
  nonEmpty("volumeName", STRING),
  present("storageClassName", STRING),
  present("volumeMode", STRING),
  present("dataSource", objectOf(nullable("apiGroup", STRING), always("kind", STRING), always("name", STRING))),
  present(
    "dataSourceRef",
    objectOf(
      nullable("apiGroup", STRING),
      always("kind", STRING),
      always("name", STRING),
      present("namespace", STRING),
    ),
  ),
  present("volumeAttributesClassName", STRING),
);

const SOURCES: Readonly<Record<string, Shape>> = {
  hostPath: objectOf(always("path", STRING), present("type", STRING)),
  emptyDir: objectOf(nonEmpty("medium", STRING), present("sizeLimit", QUANTITY)),
  gcePersistentDisk: objectOf(always("pdName", STRING), FS_TYPE, nonEmpty("partition", INT32), READ_ONLY),
  awsElasticBlockStore: objectOf(always("volumeID", STRING), FS_TYPE, nonEmpty("partition", INT32), READ_ONLY),
  gitRepo: objectOf(always("repository", STRING), nonEmpty("revision", STRING), nonEmpty("directory", STRING)),
  secret: objectOf(nonEmpty("secretName", STRING), ITEMS, present("defaultMode", INT32), present("optional", BOOLEAN)),
  nfs: objectOf(always("server", STRING), always("path", STRING), READ_ONLY),
  iscsi: objectOf(
    always("targetPortal", STRING),
    always("iqn", STRING),
    always("lun", INT32),
    nonEmpty("iscsiInterface", STRING),
    FS_TYPE,
    READ_ONLY,
    nonEmpty("portals", listOf(STRING)),
    nonEmpty("chapAuthDiscovery", BOOLEAN),
    nonEmpty("chapAuthSession", BOOLEAN),
    present("secretRef", SECRET_REF),
    present("initiatorName", STRING),
  ),
  glusterfs: objectOf(always("endpoints", STRING), always("path", STRING), READ_ONLY),
  persistentVolumeClaim: objectOf(always("claimName", STRING), READ_ONLY),
  rbd: objectOf(
    always("monitors", listOf(STRING)),
    always("image", STRING),
    FS_TYPE,
    nonEmpty("pool", STRING),
    nonEmpty("user", STRING),
    nonEmpty("keyring", STRING),
    present("secretRef", SECRET_REF),
    READ_ONLY,
  ),
  flexVolume: objectOf(
    always("driver", STRING),
    FS_TYPE,
    present("secretRef", SECRET_REF),
    READ_ONLY,
    nonEmpty("options", mapOf(STRING, "option names to values")),
  ),
  cinder: objectOf(always("volumeID", STRING), FS_TYPE, READ_ONLY, present("secretRef", SECRET_REF)),
  cephfs: objectOf(
    always("monitors", listOf(STRING)),
    nonEmpty("path", STRING),
    nonEmpty("user", STRING),
    nonEmpty("secretFile", STRING),
    present("secretRef", SECRET_REF),
    READ_ONLY,
  ),
  flocker: objectOf(nonEmpty("datasetName", STRING), nonEmpty("datasetUUID", STRING)),
  downwardAPI: objectOf(DOWNWARD_ITEMS, present("defaultMode", INT32)),
  fc: objectOf(
    nonEmpty("targetWWNs", listOf(STRING)),
    present("lun", INT32),
    FS_TYPE,
    READ_ONLY,
    nonEmpty("wwids", listOf(STRING)),
  ),
  azureFile: objectOf(always("secretName", STRING), always("shareName", STRING), READ_ONLY),
  configMap: objectOf(nonEmpty("name", STRING), ITEMS, present("defaultMode", INT32), present("optional", BOOLEAN)),
  vsphereVolume: objectOf(
    always("volumePath", STRING),
    FS_TYPE,
    nonEmpty("storagePolicyName", STRING),
    nonEmpty("storagePolicyID", STRING),
  ),
  quobyte: objectOf(
    always("registry", STRING),
    always("volume", STRING),
    READ_ONLY,
    nonEmpty("user", STRING),
    nonEmpty("group", STRING),
    nonEmpty("tenant", STRING),
  ),
  azureDisk: objectOf(
    always("diskName", STRING),
    always("diskURI", STRING),
    present("cachingMode", STRING),
    present("fsType", STRING),
    present("readOnly", BOOLEAN),
    present("kind", STRING),
  ),
  photonPersistentDisk: objectOf(always("pdID", STRING), FS_TYPE),
  projected: objectOf(always("sources", listOf(PROJECTION)), present("defaultMode", INT32)),
  portworxVolume: objectOf(always("volumeID", STRING), FS_TYPE, READ_ONLY),
  scaleIO: objectOf(
    always("gateway", STRING),
    always("system", STRING),
    nullable("secretRef", SECRET_REF),
    nonEmpty("sslEnabled", BOOLEAN),
    nonEmpty("protectionDomain", STRING),
    nonEmpty("storagePool", STRING),
    nonEmpty("storageMode", STRING),
    nonEmpty("volumeName", STRING),
    FS_TYPE,
    READ_ONLY,
  ),
  storageos: objectOf(
    nonEmpty("volumeName", STRING),
    nonEmpty("volumeNamespace", STRING),
    FS_TYPE,
    READ_ONLY,
    present("secretRef", SECRET_REF),
  ),
  csi: objectOf(
    always("driver", STRING),
    present("readOnly", BOOLEAN),
    present("fsType", STRING),
    nonEmpty("volumeAttributes", mapOf(STRING, "attribute names to values")),
    present("nodePublishSecretRef", SECRET_REF),
  ),
  ephemeral: objectOf(
    present("volumeClaimTemplate", objectOf(always("metadata", OBJECT_META), always("spec", CLAIM_SPEC))),
  ),
  image: objectOf(nonEmpty("reference", STRING), nonEmpty("pullPolicy", STRING)),
};

export const VOLUME_SOURCES: readonly string[] = Object.keys(SOURCES);

const SOURCE_FIELDS: readonly Field[] = Object.entries(SOURCES).map(([name, shape]) => present(name, shape));

export const VOLUME = objectOf(always("name", STRING), ...SOURCE_FIELDS);
