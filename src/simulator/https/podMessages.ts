/**
 * The messages that a pod, a list of pods and a Status are made of, whole, in the notation of {@link fieldsOf}: the numbers are those of
 * Kubernetes 1.36's published protobuf definitions, the names those of the JSON.
 */
export const POD_MESSAGES = {
  Status: "1 metadata:ListMeta, 2 status, 3 message, 4 reason, 5 details:StatusDetails, 6 code:integer",
  StatusDetails: "1 name, 2 group, 3 kind, 4 causes:StatusCause[], 5 retryAfterSeconds:integer, 6 uid",
  StatusCause: "1 reason, 2 message, 3 field",
  PodList: "1 metadata:ListMeta, 2 items:Pod[]",
  Pod: "1 metadata:ObjectMeta, 2 spec:PodSpec, 3 status:PodStatus",
  PodStatus:
    "1 phase, 2 conditions:PodCondition[], 3 message, 4 reason, 5 hostIP, 6 podIP, 7 startTime:time, 8 containerStatuses:ContainerStatus[], 9 qosClass, 10 initContainerStatuses:ContainerStatus[], 11 nominatedNodeName, 12 podIPs:PodIP[], 13 ephemeralContainerStatuses:ContainerStatus[], 14 resize, 15 resourceClaimStatuses:PodResourceClaimStatus[], 16 hostIPs:HostIP[], 17 observedGeneration:integer, 18 extendedResourceClaimStatus:PodExtendedResourceClaimStatus, 19 allocatedResources:quantityMap, 20 resources:ResourceRequirements, 21 nodeAllocatableResourceClaimStatuses:NodeAllocatableResourceClaimStatus[]",
  NodeAllocatableResourceClaimStatus: "1 resourceClaimName, 2 containers:text[], 3 resources:quantityMap",
  PodExtendedResourceClaimStatus: "1 requestMappings:ContainerExtendedResourceRequest[], 2 resourceClaimName",
  ContainerExtendedResourceRequest: "1 containerName, 2 resourceName, 3 requestName",
  PodResourceClaimStatus: "1 name, 2 resourceClaimName:text!",
  ContainerStatus:
    "1 name, 2 state:ContainerState, 3 lastState:ContainerState, 4 ready:flag, 5 restartCount:integer, 6 image, 7 imageID, 8 containerID, 9 started:flag!, 10 allocatedResources:quantityMap, 11 resources:ResourceRequirements, 12 volumeMounts:VolumeMountStatus[], 13 user:ContainerUser, 14 allocatedResourcesStatus:ResourceStatus[], 15 stopSignal:text!",
  ResourceStatus: "1 name, 2 resources:ResourceHealth[]",
  ResourceHealth: "1 resourceID, 2 health, 6 message:text!",
  ContainerUser: "1 linux:LinuxContainerUser",
  LinuxContainerUser: "1 uid:integer, 2 gid:integer, 3 supplementalGroups:integer[]",
  VolumeMountStatus: "1 name, 2 mountPath, 3 readOnly:flag, 4 recursiveReadOnly:text!, 5 volumeStatus:VolumeStatus",
  VolumeStatus: "1 image:ImageVolumeStatus",
  ImageVolumeStatus: "1 imageRef",
  ContainerState:
    "1 waiting:ContainerStateWaiting, 2 running:ContainerStateRunning, 3 terminated:ContainerStateTerminated",
  ContainerStateTerminated:
    "1 exitCode:integer, 2 signal:integer, 3 reason, 4 message, 5 startedAt:time, 6 finishedAt:time, 7 containerID",
  ContainerStateRunning: "1 startedAt:time",
  ContainerStateWaiting: "1 reason, 2 message",
  PodIP: "1 ip",
  HostIP: "1 ip",
  PodCondition:
    "1 type, 2 status, 3 lastProbeTime:time, 4 lastTransitionTime:time, 5 reason, 6 message, 7 observedGeneration:integer",
  PodSpec:
    "1 volumes:Volume[], 2 containers:Container[], 3 restartPolicy, 4 terminationGracePeriodSeconds:integer!, 5 activeDeadlineSeconds:integer!, 6 dnsPolicy, 7 nodeSelector:map, 8 serviceAccountName, 9 serviceAccount, 10 nodeName, 11 hostNetwork:flag, 12 hostPID:flag, 13 hostIPC:flag, 14 securityContext:PodSecurityContext, 15 imagePullSecrets:LocalObjectReference[], 16 hostname, 17 subdomain, 18 affinity:Affinity, 19 schedulerName, 20 initContainers:Container[], 21 automountServiceAccountToken:flag!, 22 tolerations:Toleration[], 23 hostAliases:HostAlias[], 24 priorityClassName, 25 priority:integer!, 26 dnsConfig:PodDNSConfig, 27 shareProcessNamespace:flag!, 28 readinessGates:PodReadinessGate[], 29 runtimeClassName:text!, 30 enableServiceLinks:flag!, 31 preemptionPolicy:text!, 32 overhead:quantityMap, 33 topologySpreadConstraints:TopologySpreadConstraint[], 34 ephemeralContainers:EphemeralContainer[], 35 setHostnameAsFQDN:flag!, 36 os:PodOS, 37 hostUsers:flag!, 38 schedulingGates:PodSchedulingGate[], 39 resourceClaims:PodResourceClaim[], 40 resources:ResourceRequirements, 41 hostnameOverride:text!, 43 schedulingGroup:PodSchedulingGroup",
  PodSchedulingGroup: "1 podGroupName:text!",
  PodResourceClaim: "1 name, 3 resourceClaimName:text!, 4 resourceClaimTemplateName:text!",
  PodSchedulingGate: "1 name",
  PodOS: "1 name",
  TopologySpreadConstraint:
    "1 maxSkew:integer, 2 topologyKey, 3 whenUnsatisfiable, 4 labelSelector:LabelSelector, 5 minDomains:integer!, 6 nodeAffinityPolicy:text!, 7 nodeTaintsPolicy:text!, 8 matchLabelKeys:text[]",
  PodReadinessGate: "1 conditionType",
  PodDNSConfig: "1 nameservers:text[], 2 searches:text[], 3 options:PodDNSConfigOption[]",
  PodDNSConfigOption: "1 name, 2 value:text!",
  HostAlias: "1 ip, 2 hostnames:text[]",
  Toleration: "1 key, 2 operator, 3 value, 4 effect, 5 tolerationSeconds:integer!",
  Affinity: "1 nodeAffinity:NodeAffinity, 2 podAffinity:PodAffinity, 3 podAntiAffinity:PodAntiAffinity",
  PodAntiAffinity:
    "1 requiredDuringSchedulingIgnoredDuringExecution:PodAffinityTerm[], 2 preferredDuringSchedulingIgnoredDuringExecution:WeightedPodAffinityTerm[]",
  PodAffinity:
    "1 requiredDuringSchedulingIgnoredDuringExecution:PodAffinityTerm[], 2 preferredDuringSchedulingIgnoredDuringExecution:WeightedPodAffinityTerm[]",
  WeightedPodAffinityTerm: "1 weight:integer, 2 podAffinityTerm:PodAffinityTerm",
  PodAffinityTerm:
    "1 labelSelector:LabelSelector, 2 namespaces:text[], 3 topologyKey, 4 namespaceSelector:LabelSelector, 5 matchLabelKeys:text[], 6 mismatchLabelKeys:text[]",
  NodeAffinity:
    "1 requiredDuringSchedulingIgnoredDuringExecution:NodeSelector, 2 preferredDuringSchedulingIgnoredDuringExecution:PreferredSchedulingTerm[]",
  PreferredSchedulingTerm: "1 weight:integer, 2 preference:NodeSelectorTerm",
  NodeSelector: "1 nodeSelectorTerms:NodeSelectorTerm[]",
  NodeSelectorTerm: "1 matchExpressions:NodeSelectorRequirement[], 2 matchFields:NodeSelectorRequirement[]",
  NodeSelectorRequirement: "1 key, 2 operator, 3 values:text[]",
  PodSecurityContext:
    "1 seLinuxOptions:SELinuxOptions, 2 runAsUser:integer!, 3 runAsNonRoot:flag!, 4 supplementalGroups:integer[], 5 fsGroup:integer!, 6 runAsGroup:integer!, 7 sysctls:Sysctl[], 8 windowsOptions:WindowsSecurityContextOptions, 9 fsGroupChangePolicy:text!, 10 seccompProfile:SeccompProfile, 11 appArmorProfile:AppArmorProfile, 12 supplementalGroupsPolicy:text!, 13 seLinuxChangePolicy:text!",
  Sysctl: "1 name, 2 value",
  EphemeralContainer: "1 *:EphemeralContainerCommon, 2 targetContainerName",
  EphemeralContainerCommon:
    "1 name, 2 image, 3 command:text[], 4 args:text[], 5 workingDir, 6 ports:ContainerPort[], 7 env:EnvVar[], 8 resources:ResourceRequirements, 9 volumeMounts:VolumeMount[], 10 livenessProbe:Probe, 11 readinessProbe:Probe, 12 lifecycle:Lifecycle, 13 terminationMessagePath, 14 imagePullPolicy, 15 securityContext:SecurityContext, 16 stdin:flag, 17 stdinOnce:flag, 18 tty:flag, 19 envFrom:EnvFromSource[], 20 terminationMessagePolicy, 21 volumeDevices:VolumeDevice[], 22 startupProbe:Probe, 23 resizePolicy:ContainerResizePolicy[], 24 restartPolicy:text!, 25 restartPolicyRules:ContainerRestartRule[]",
  Container:
    "1 name, 2 image, 3 command:text[], 4 args:text[], 5 workingDir, 6 ports:ContainerPort[], 7 env:EnvVar[], 8 resources:ResourceRequirements, 9 volumeMounts:VolumeMount[], 10 livenessProbe:Probe, 11 readinessProbe:Probe, 12 lifecycle:Lifecycle, 13 terminationMessagePath, 14 imagePullPolicy, 15 securityContext:SecurityContext, 16 stdin:flag, 17 stdinOnce:flag, 18 tty:flag, 19 envFrom:EnvFromSource[], 20 terminationMessagePolicy, 21 volumeDevices:VolumeDevice[], 22 startupProbe:Probe, 23 resizePolicy:ContainerResizePolicy[], 24 restartPolicy:text!, 25 restartPolicyRules:ContainerRestartRule[]",
  SecurityContext:
    "1 capabilities:Capabilities, 2 privileged:flag!, 3 seLinuxOptions:SELinuxOptions, 4 runAsUser:integer!, 5 runAsNonRoot:flag!, 6 readOnlyRootFilesystem:flag!, 7 allowPrivilegeEscalation:flag!, 8 runAsGroup:integer!, 9 procMount:text!, 10 windowsOptions:WindowsSecurityContextOptions, 11 seccompProfile:SeccompProfile, 12 appArmorProfile:AppArmorProfile",
  AppArmorProfile: "1 type, 2 localhostProfile:text!",
  SeccompProfile: "1 type, 2 localhostProfile:text!",
  WindowsSecurityContextOptions:
    "1 gmsaCredentialSpecName:text!, 2 gmsaCredentialSpec:text!, 3 runAsUserName:text!, 4 hostProcess:flag!",
  SELinuxOptions: "1 user, 2 role, 3 type, 4 level",
  Capabilities: "1 add:text[], 2 drop:text[]",
  Lifecycle: "1 postStart:LifecycleHandler, 2 preStop:LifecycleHandler, 3 stopSignal:text!",
  LifecycleHandler: "1 exec:ExecAction, 2 httpGet:HTTPGetAction, 3 tcpSocket:TCPSocketAction, 4 sleep:SleepAction",
  SleepAction: "1 seconds:integer",
  Probe:
    "1 *:ProbeHandler, 2 initialDelaySeconds:integer, 3 timeoutSeconds:integer, 4 periodSeconds:integer, 5 successThreshold:integer, 6 failureThreshold:integer, 7 terminationGracePeriodSeconds:integer!",
  ProbeHandler: "1 exec:ExecAction, 2 httpGet:HTTPGetAction, 3 tcpSocket:TCPSocketAction, 4 grpc:GRPCAction",
  GRPCAction: "1 port:integer, 2 service:text!",
  TCPSocketAction: "1 port:intOrText, 2 host",
  HTTPGetAction: "1 path, 2 port:intOrText, 3 host, 4 scheme, 5 httpHeaders:HTTPHeader[]",
  HTTPHeader: "1 name, 2 value",
  ExecAction: "1 command:text[]",
  VolumeDevice: "1 name, 2 devicePath",
  VolumeMount:
    "1 name, 2 readOnly:flag, 3 mountPath, 4 subPath, 5 mountPropagation:text!, 6 subPathExpr, 7 recursiveReadOnly:text!",
  ContainerRestartRule: "1 action, 2 exitCodes:ContainerRestartRuleOnExitCodes",
  ContainerRestartRuleOnExitCodes: "1 operator, 2 values:integer[]",
  ContainerResizePolicy: "1 resourceName, 2 restartPolicy",
  ResourceRequirements: "1 limits:quantityMap, 2 requests:quantityMap, 3 claims:ResourceClaim[]",
  ResourceClaim: "1 name, 2 request",
  EnvVar: "1 name, 2 value, 3 valueFrom:EnvVarSource",
  EnvVarSource:
    "1 fieldRef:ObjectFieldSelector, 2 resourceFieldRef:ResourceFieldSelector, 3 configMapKeyRef:ConfigMapKeySelector, 4 secretKeyRef:SecretKeySelector, 5 fileKeyRef:FileKeySelector",
  FileKeySelector: "1 volumeName, 2 path, 3 key, 4 optional:flag!",
  SecretKeySelector: "1 *:LocalObjectReference, 2 key, 3 optional:flag!",
  ConfigMapKeySelector: "1 *:LocalObjectReference, 2 key, 3 optional:flag!",
  EnvFromSource: "1 prefix, 2 configMapRef:ConfigMapEnvSource, 3 secretRef:SecretEnvSource",
  SecretEnvSource: "1 *:LocalObjectReference, 2 optional:flag!",
  ConfigMapEnvSource: "1 *:LocalObjectReference, 2 optional:flag!",
  ContainerPort: "1 name, 2 hostPort:integer, 3 containerPort:integer, 4 protocol, 5 hostIP",
  Volume: "1 name, 2 *:VolumeSource",
  VolumeSource:
    "1 hostPath:HostPathVolumeSource, 2 emptyDir:EmptyDirVolumeSource, 3 gcePersistentDisk:GCEPersistentDiskVolumeSource, 4 awsElasticBlockStore:AWSElasticBlockStoreVolumeSource, 5 gitRepo:GitRepoVolumeSource, 6 secret:SecretVolumeSource, 7 nfs:NFSVolumeSource, 8 iscsi:ISCSIVolumeSource, 9 glusterfs:GlusterfsVolumeSource, 10 persistentVolumeClaim:PersistentVolumeClaimVolumeSource, 11 rbd:RBDVolumeSource, 12 flexVolume:FlexVolumeSource, 13 cinder:CinderVolumeSource, 14 cephfs:CephFSVolumeSource, 15 flocker:FlockerVolumeSource, 16 downwardAPI:DownwardAPIVolumeSource, 17 fc:FCVolumeSource, 18 azureFile:AzureFileVolumeSource, 19 configMap:ConfigMapVolumeSource, 20 vsphereVolume:VsphereVirtualDiskVolumeSource, 21 quobyte:QuobyteVolumeSource, 22 azureDisk:AzureDiskVolumeSource, 23 photonPersistentDisk:PhotonPersistentDiskVolumeSource, 24 portworxVolume:PortworxVolumeSource, 25 scaleIO:ScaleIOVolumeSource, 26 projected:ProjectedVolumeSource, 27 storageos:StorageOSVolumeSource, 28 csi:CSIVolumeSource, 29 ephemeral:EphemeralVolumeSource, 30 image:ImageVolumeSource",
  ImageVolumeSource: "1 reference, 2 pullPolicy",
  EphemeralVolumeSource: "1 volumeClaimTemplate:PersistentVolumeClaimTemplate",
  PersistentVolumeClaimTemplate: "1 metadata:ObjectMeta, 2 spec:PersistentVolumeClaimSpec",
  PersistentVolumeClaimSpec:
    "1 accessModes:text[], 2 resources:VolumeResourceRequirements, 3 volumeName, 4 selector:LabelSelector, 5 storageClassName:text!, 6 volumeMode:text!, 7 dataSource:TypedLocalObjectReference, 8 dataSourceRef:TypedObjectReference, 9 volumeAttributesClassName:text!",
  TypedObjectReference: "1 apiGroup:text!, 2 kind, 3 name, 4 namespace:text!",
  TypedLocalObjectReference: "1 apiGroup:text!, 2 kind, 3 name",
  VolumeResourceRequirements: "1 limits:quantityMap, 2 requests:quantityMap",
  CSIVolumeSource:
    "1 driver, 2 readOnly:flag!, 3 fsType:text!, 4 volumeAttributes:map, 5 nodePublishSecretRef:LocalObjectReference",
  StorageOSVolumeSource: "1 volumeName, 2 volumeNamespace, 3 fsType, 4 readOnly:flag, 5 secretRef:LocalObjectReference",
  ScaleIOVolumeSource:
    "1 gateway, 2 system, 3 secretRef:LocalObjectReference, 4 sslEnabled:flag, 5 protectionDomain, 6 storagePool, 7 storageMode, 8 volumeName, 9 fsType, 10 readOnly:flag",
  PortworxVolumeSource: "1 volumeID, 2 fsType, 3 readOnly:flag",
  ProjectedVolumeSource: "1 sources:VolumeProjection[], 2 defaultMode:integer!",
  VolumeProjection:
    "1 secret:SecretProjection, 2 downwardAPI:DownwardAPIProjection, 3 configMap:ConfigMapProjection, 4 serviceAccountToken:ServiceAccountTokenProjection, 5 clusterTrustBundle:ClusterTrustBundleProjection, 6 podCertificate:PodCertificateProjection",
  PodCertificateProjection:
    "1 signerName, 2 keyType, 3 maxExpirationSeconds:integer!, 4 credentialBundlePath, 5 keyPath, 6 certificateChainPath, 7 userAnnotations:map",
  ClusterTrustBundleProjection:
    "1 name:text!, 2 signerName:text!, 3 labelSelector:LabelSelector, 4 path, 5 optional:flag!",
  LabelSelector: "1 matchLabels:map, 2 matchExpressions:LabelSelectorRequirement[]",
  LabelSelectorRequirement: "1 key, 2 operator, 3 values:text[]",
  ServiceAccountTokenProjection: "1 audience, 2 expirationSeconds:integer!, 3 path",
  ConfigMapProjection: "1 *:LocalObjectReference, 2 items:KeyToPath[], 4 optional:flag!",
  DownwardAPIProjection: "1 items:DownwardAPIVolumeFile[]",
  SecretProjection: "1 *:LocalObjectReference, 2 items:KeyToPath[], 4 optional:flag!",
  PhotonPersistentDiskVolumeSource: "1 pdID, 2 fsType",
  AzureDiskVolumeSource: "1 diskName, 2 diskURI, 3 cachingMode:text!, 4 fsType:text!, 5 readOnly:flag!, 6 kind:text!",
  QuobyteVolumeSource: "1 registry, 2 volume, 3 readOnly:flag, 4 user, 5 group, 6 tenant",
  VsphereVirtualDiskVolumeSource: "1 volumePath, 2 fsType, 3 storagePolicyName, 4 storagePolicyID",
  ConfigMapVolumeSource: "1 *:LocalObjectReference, 2 items:KeyToPath[], 3 defaultMode:integer!, 4 optional:flag!",
  AzureFileVolumeSource: "1 secretName, 2 shareName, 3 readOnly:flag",
  FCVolumeSource: "1 targetWWNs:text[], 2 lun:integer!, 3 fsType, 4 readOnly:flag, 5 wwids:text[]",
  DownwardAPIVolumeSource: "1 items:DownwardAPIVolumeFile[], 2 defaultMode:integer!",
  DownwardAPIVolumeFile:
    "1 path, 2 fieldRef:ObjectFieldSelector, 3 resourceFieldRef:ResourceFieldSelector, 4 mode:integer!",
  ResourceFieldSelector: "1 containerName, 2 resource, 3 divisor:quantity",
  ObjectFieldSelector: "1 apiVersion, 2 fieldPath",
  FlockerVolumeSource: "1 datasetName, 2 datasetUUID",
  CephFSVolumeSource:
    "1 monitors:text[], 2 path, 3 user, 4 secretFile, 5 secretRef:LocalObjectReference, 6 readOnly:flag",
  CinderVolumeSource: "1 volumeID, 2 fsType, 3 readOnly:flag, 4 secretRef:LocalObjectReference",
  FlexVolumeSource: "1 driver, 2 fsType, 3 secretRef:LocalObjectReference, 4 readOnly:flag, 5 options:map",
  RBDVolumeSource:
    "1 monitors:text[], 2 image, 3 fsType, 4 pool, 5 user, 6 keyring, 7 secretRef:LocalObjectReference, 8 readOnly:flag",
  PersistentVolumeClaimVolumeSource: "1 claimName, 2 readOnly:flag",
  GlusterfsVolumeSource: "1 endpoints, 2 path, 3 readOnly:flag",
  ISCSIVolumeSource:
    "1 targetPortal, 2 iqn, 3 lun:integer, 4 iscsiInterface, 5 fsType, 6 readOnly:flag, 7 portals:text[], 8 chapAuthDiscovery:flag, 10 secretRef:LocalObjectReference, 11 chapAuthSession:flag, 12 initiatorName:text!",
  LocalObjectReference: "1 name",
  NFSVolumeSource: "1 server, 2 path, 3 readOnly:flag",
  SecretVolumeSource: "1 secretName, 2 items:KeyToPath[], 3 defaultMode:integer!, 4 optional:flag!",
  KeyToPath: "1 key, 2 path, 3 mode:integer!",
  GitRepoVolumeSource: "1 repository, 2 revision, 3 directory",
  AWSElasticBlockStoreVolumeSource: "1 volumeID, 2 fsType, 3 partition:integer, 4 readOnly:flag",
  GCEPersistentDiskVolumeSource: "1 pdName, 2 fsType, 3 partition:integer, 4 readOnly:flag",
  EmptyDirVolumeSource: "1 medium, 2 sizeLimit:quantity",
  HostPathVolumeSource: "1 path, 2 type:text!",
  ObjectMeta:
    "1 name, 2 generateName, 3 namespace, 4 selfLink, 5 uid, 6 resourceVersion, 7 generation:integer, 8 creationTimestamp:time, 9 deletionTimestamp:time, 10 deletionGracePeriodSeconds:integer!, 11 labels:map, 12 annotations:map, 13 ownerReferences:OwnerReference[], 14 finalizers:text[], 17 managedFields:ManagedFieldsEntry[]",
  ManagedFieldsEntry: "1 manager, 2 operation, 3 apiVersion, 4 time:time, 6 fieldsType, 7 fieldsV1:json, 8 subresource",
  OwnerReference: "1 kind, 3 name, 4 uid, 5 apiVersion, 6 controller:flag!, 7 blockOwnerDeletion:flag!",
  ListMeta: "1 selfLink, 2 resourceVersion, 3 continue, 4 remainingItemCount:integer!, 5 shardInfo:ShardInfo",
  ShardInfo: "1 selector",
} as const;
